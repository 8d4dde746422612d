from django.urls import path

from . import (
    analysis,
    associations,
    explaining,
    merging,
    quality,
    recommendations,
    rfm,
    segments,
    views,
)

urlpatterns = [
    path("customers/<str:external_id>/merge/", merging.MergeView.as_view()),
    path("customers/<str:external_id>/unmerge/", merging.UnmergeView.as_view()),
    path("customers/<str:external_id>/churn/", views.ChurnView.as_view()),
    path("customers/<str:external_id>/churn/explain/", explaining.ExplainView.as_view()),
    path(
        "customers/<str:external_id>/recommendations/",
        recommendations.RecommendationsView.as_view(),
    ),
    path("products/<str:external_id>/similar/", recommendations.SimilarView.as_view()),
    path("products/<str:external_id>/goes-with/", recommendations.GoesWithView.as_view()),
    path("recommendations/anonymous/", recommendations.AnonymousView.as_view()),
    path("recommendations/shown/", recommendations.ShownView.as_view()),
    path("recommendations/popular/", recommendations.PopularView.as_view()),
    path("analysis/cohorts/", analysis.CohortsView.as_view()),
    path("analysis/lifecycle/", analysis.LifecycleView.as_view()),
    path("association-rules/", associations.AssociationRulesView.as_view()),
    path("data-quality/", quality.DataQualityView.as_view()),
    path("segments/", segments.SegmentsView.as_view()),
    path("segments/count/", segments.CountView.as_view()),
    path("segments/rfm/", rfm.RfmView.as_view()),
    path("segments/rfm/movement/", rfm.MovementView.as_view()),
    path("segments/<int:pk>/", segments.SegmentView.as_view()),
    path("segments/<int:pk>/customers/", segments.MembersView.as_view()),
    path("models/", views.ModelsView.as_view()),
    path("models/<int:pk>/", views.ModelView.as_view()),
    path("models/<int:pk>/promote/", views.PromoteView.as_view()),
    path("training-runs/", views.TrainingRunsView.as_view()),
    path("training-runs/<int:pk>/", views.TrainingRunView.as_view()),
]
