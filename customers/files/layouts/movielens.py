"""MovieLens: people as customers, films as products, stars as ratings."""

from customers.files.layout import Cells, Extra, Facts, Layout, words

GENRES = words(
    "unknown Action Adventure Animation Children's Comedy Crime Documentary Drama Fantasy Film-Noir"
    " Horror Musical Mystery Romance Sci-Fi Thriller War Western"
)


def gather_flags(cells: Cells, extra: Extra) -> None:
    """Nineteen columns of 0 and 1 become a list; the first genre is the category."""
    genres = [genre for genre in GENRES if extra.pop(genre, "") == "1"]
    _file_under(genres, cells, extra)


def split_genres(cells: Cells, extra: Extra) -> None:
    genres = [genre for genre in cells["category"].split("|") if not genre.startswith("(no ")]
    _file_under(genres, cells, extra)


def _file_under(genres: list[str], cells: Cells, extra: Extra) -> None:
    cells["category"] = next((genre for genre in genres if genre != "unknown"), "")
    extra["genres"] = genres


ML100K_RATINGS = Layout(
    name="movielens-100k-ratings",
    title="MovieLens 100k ratings",
    facts=Facts.EVENTS,
    headers=frozenset(("user_id", "item_id", "rating", "timestamp")),
    exact=True,
    columns={
        "customer": "user_id",
        "product": "item_id",
        "rating": "rating",
        "occurred_at": "timestamp",
    },
    kind="RATING",
)
ML100K_ITEMS = Layout(
    name="movielens-100k-items",
    title="MovieLens 100k films",
    facts=Facts.PRODUCTS,
    headers=frozenset(("movie_id", "title", "release_date", *GENRES)),
    columns={"product": "movie_id", "title": "title"},
    extra={"release_date": "release_date", **{genre: genre for genre in GENRES}},
    understand=gather_flags,
)
ML_RATINGS = Layout(
    name="movielens-ratings",
    title="MovieLens ratings",
    facts=Facts.EVENTS,
    headers=frozenset(("userId", "movieId", "rating", "timestamp")),
    exact=True,
    columns={
        "customer": "userId",
        "product": "movieId",
        "rating": "rating",
        "occurred_at": "timestamp",
    },
    kind="RATING",
)
ML_MOVIES = Layout(
    name="movielens-movies",
    title="MovieLens films",
    facts=Facts.PRODUCTS,
    headers=frozenset(("movieId", "title", "genres")),
    exact=True,
    columns={"product": "movieId", "title": "title", "category": "genres"},
    understand=split_genres,
)
ML_TAGS = Layout(
    name="movielens-tags",
    title="MovieLens tags",
    facts=Facts.EVENTS,
    headers=frozenset(("userId", "movieId", "tag", "timestamp")),
    exact=True,
    columns={"customer": "userId", "product": "movieId", "occurred_at": "timestamp"},
    extra={"tag": "tag"},
    kind="TAG",
)
