from datetime import datetime

from campaigns.models import Campaign, Wave
from campaigns.selectors.waves import arms_of_next, wave_at


def open_wave(campaign: Campaign, *, at: datetime) -> Wave | None:
    """The wave whose time it is, shared by what is known now; None once it is done.

    Of two workers at once one opens it, and both go by its shares. A wave that nobody opened in its
    time, as the campaign paused, comes in with the next.
    """
    number = wave_at(campaign, at)
    wave = campaign.waves.filter(number=number).first()
    if wave is None:
        offers = list(campaign.offers.order_by("pk"))
        arms = arms_of_next(campaign, offers, at=at)
        wave, _ = Wave.objects.get_or_create(
            campaign=campaign, number=number, defaults={"arms": arms, "opened_at": at}
        )
    return None if wave.done_at else wave
