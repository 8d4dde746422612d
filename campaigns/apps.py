from django.apps import AppConfig


class CampaignsConfig(AppConfig):
    name = "campaigns"
    label = "campaigns"
    verbose_name = "Campaigns"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """What campaigns teach is learned like everything else."""
        from campaigns.uplift import UpliftFamily
        from retention.insights.families.registry import FAMILIES
        from retention.insights.models import Kind

        FAMILIES[Kind.UPLIFT] = UpliftFamily()
