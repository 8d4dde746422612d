from django.urls import path

from . import views

urlpatterns = [
    path("customers/<str:external_id>/churn/", views.ChurnView.as_view()),
    path("customers/<str:external_id>/recommendations/", views.RecommendationsView.as_view()),
    path("products/<str:external_id>/similar/", views.SimilarView.as_view()),
    path("recommendations/popular/", views.PopularView.as_view()),
    path("segments/", views.SegmentsView.as_view()),
    path("models/", views.ModelsView.as_view()),
    path("models/<int:pk>/promote/", views.PromoteView.as_view()),
    path("training-runs/", views.TrainingRunsView.as_view()),
    path("training-runs/<int:pk>/", views.TrainingRunView.as_view()),
]
