from django.urls import path

from .admissions import AdmissionList
from .campaigns import CampaignDetail, CampaignList, Preview, Results, WhatIf
from .coupons import CouponList, Explain, OneCoupon, Qr, Redeem, Refund, Release, Validate
from .locks import Lock, Unlock
from .messages import MessageList, Words
from .programme import LedgerList, ProgrammeView, SumsView
from .transitions import Approve, Cancel, Launch, Pause, Resume, Submit

urlpatterns = [
    path("campaigns/", CampaignList.as_view()),
    path("campaigns/<int:pk>/", CampaignDetail.as_view()),
    path("campaigns/<int:pk>/admissions/", AdmissionList.as_view()),
    path("campaigns/<int:pk>/message/", Words.as_view()),
    path("campaigns/<int:pk>/messages/", MessageList.as_view()),
    path("campaigns/<int:pk>/preview/", Preview.as_view()),
    path("campaigns/<int:pk>/what-if/", WhatIf.as_view()),
    path("campaigns/<int:pk>/submit/", Submit.as_view()),
    path("campaigns/<int:pk>/approve/", Approve.as_view()),
    path("campaigns/<int:pk>/launch/", Launch.as_view()),
    path("campaigns/<int:pk>/pause/", Pause.as_view()),
    path("campaigns/<int:pk>/resume/", Resume.as_view()),
    path("campaigns/<int:pk>/cancel/", Cancel.as_view()),
    path("campaigns/<int:pk>/results/", Results.as_view()),
    path("programme/", ProgrammeView.as_view()),
    path("programme/ledger/", LedgerList.as_view()),
    path("programme/ledger/sums/", SumsView.as_view()),
    path("coupons/", CouponList.as_view()),
    path("coupons/<str:code>/", OneCoupon.as_view()),
    path("coupons/<str:code>/explanation/", Explain.as_view()),
    path("coupons/<str:code>/qr.svg", Qr.as_view()),
    path("coupons/<str:code>/validate/", Validate.as_view()),
    path("coupons/<str:code>/lock/", Lock.as_view()),
    path("coupons/<str:code>/unlock/", Unlock.as_view()),
    path("coupons/<str:code>/redeem/", Redeem.as_view()),
    path("coupons/<str:code>/refund/", Refund.as_view()),
    path("coupons/<str:code>/release/", Release.as_view()),
]
