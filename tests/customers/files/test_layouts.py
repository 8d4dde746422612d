"""The public sets by rows of our own making in their columns; none of their data is here."""

from pathlib import Path

import pytest

from customers.files.columns import NoFacts
from customers.files.layouts.movielens import GENRES

from . import made

RETAIL = "InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country\n"
JOURNEY = (
    "household_id,store_id,basket_id,product_id,quantity,sales_value,retail_disc,coupon_disc,"
    "coupon_match_disc,week,transaction_timestamp\n"
)


def retail(folder: Path, *lines: str) -> Path:
    return made.file(folder, RETAIL + "".join(f"{line}\n" for line in lines))


def test_online_retail_sells_to_customers_and_strangers(tmp_path: Path) -> None:
    path = retail(
        tmp_path,
        "900001,11111a,RED MUG,6,2010-12-01 08:26:00,2.55,55501,France",
        "900001,11111A,RED MUG,1,2010-12-01 08:26:00,2.55,,France",
    )

    read = made.read(path)

    first, second = made.messages(path)
    assert made.inspect(path).layout.name == "online-retail"
    assert (first.product, first.customer, first.extra) == (
        "11111A",
        "55501",
        {"country": "France"},
    )
    assert (second.product, second.customer) == ("11111A", "")
    assert [told.title for told in read.titles] == ["RED MUG"]


def test_a_cancelled_invoice_of_online_retail_is_a_return(tmp_path: Path) -> None:
    event = made.message(
        retail(tmp_path, "C900002,11111,RED MUG,-6,2010-12-02 08:26:00,2.55,55501,France")
    )

    assert (event.kind, event.quantity, event.order_id) == ("RETURN", 6, "C900002")


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("900003,POST,POSTAGE,1,2010-12-01 08:26:00,18.00,55501,France", "not_a_product_line"),
        ("C900003,d,Discount,-1,2010-12-01 08:26:00,18.00,55501,France", "not_a_product_line"),
        ("900003,gift_0001_10,Voucher,1,2010-12-01 08:26:00,8.33,,France", "not_a_product_line"),
        ("A900003,B,Bad debt,1,2010-12-01 08:26:00,-900.0,,France", "not_a_product_line"),
        ("A900003,11111,Bad debt,1,2010-12-01 08:26:00,9.0,,France", "not_a_sale"),
        ("900004,11111,damaged,-9,2010-12-01 08:26:00,0.0,,France", "stock_correction"),
        ("900004,11111,found,9,2010-12-01 08:26:00,0.0,,France", "stock_correction"),
        ("900005,11111,MUG,9,not a date,1.0,55501,France", "bad_date"),
        ("900005,11111,MUG,9,2010-12-01 08:26:00,free,55501,France", "bad_price"),
    ],
)
def test_what_is_no_sale_in_online_retail_is_refused_by_line(
    tmp_path: Path, line: str, reason: str
) -> None:
    assert made.refusal(retail(tmp_path, line)) == (2, reason)


def test_a_gift_to_a_customer_of_online_retail_is_a_purchase_without_a_title(
    tmp_path: Path,
) -> None:
    path = retail(tmp_path, "900006,11111,sample,1,2010-12-01 08:26:00,0.0,55501,France")

    read = made.read(path)

    assert [m.unit_price for m in made.messages(path)] == [0]
    assert not read.titles


def test_the_second_edition_of_online_retail(tmp_path: Path) -> None:
    header = "Invoice,StockCode,Description,Quantity,InvoiceDate,Price,Customer ID,Country\n"
    path = made.file(tmp_path, header + "900001,11111,MUG,6,31/12/2010 08:26,2.55,55501.0,France\n")

    assert made.message(path).customer == "55501"


def test_cdnow_knows_totals_and_days_but_no_products(tmp_path: Path) -> None:
    header = "customer_id,date,number_of_cds,dollar_value\n"
    event = made.message(made.file(tmp_path, header + "00007,1997-01-05,3,40.00\n"))

    assert (event.quantity, event.amount, event.currency) == (3, 4000, "USD")
    assert (event.order_id, event.product) == ("00007-1997-01-05", "")


def test_the_sample_of_cdnow_names_its_lines_as_the_master_does(tmp_path: Path) -> None:
    master = "customer_id,date,number_of_cds,dollar_value\n00007,1997-01-05,3,40.00\n"
    sample = "customer_id,sample_id,date,number_of_cds,dollar_value\n00007,01,1997-01-05,3,40.00\n"

    assert made.message(made.file(tmp_path, master)) == made.message(
        made.file(tmp_path, sample, name="sample.csv")
    )


def test_a_complete_journey_line_keeps_what_the_shop_took(tmp_path: Path) -> None:
    line = "1,436,900,77,2,5.00,0.50,1.00,0.25,2,2017-01-07 18:55:24\n"

    event = made.message(made.file(tmp_path, JOURNEY + line))

    assert (event.amount, event.discount, event.unit_price) == (500, 75, 288)
    assert event.extra == {"store": "436", "maker_coupon": "1.00"}


def test_a_complete_journey_line_of_no_pieces_is_refused(tmp_path: Path) -> None:
    line = "1,436,900,77,0,0.0,0.0,0.0,0.0,2,2017-01-07 18:55:24\n"

    assert made.refusal(made.file(tmp_path, JOURNEY + line)) == (2, "bad_quantity")


def test_complete_journey_products_get_a_path_and_a_title(tmp_path: Path) -> None:
    header = (
        "product_id,manufacturer_id,department,brand,product_category,product_type,package_size\n"
    )
    lines = "1,69,PASTRY,Private,BREAD,WHITE,22 OZ\n2,5,MISCELLANEOUS,National,COUPON/MISC,,\n"

    bread, coupon = made.messages(made.file(tmp_path, header + lines))

    assert (bread.category, bread.title, bread.sellable) == (
        "PASTRY > BREAD > WHITE",
        "WHITE 22 OZ",
        True,
    )
    assert coupon.sellable is False


def test_complete_journey_redemptions_are_a_kind_of_their_own(tmp_path: Path) -> None:
    header = "household_id,coupon_upc,campaign_id,redemption_date\n"
    event = made.message(made.file(tmp_path, header + "9,510000,26,2017-01-01\n"))

    assert (event.kind, event.coupon_code, event.extra) == (
        "COUPON_REDEEMED",
        "510000",
        {"campaign": "26"},
    )


@pytest.mark.parametrize(
    ("header", "line"),
    [
        ("user_id,item_id,rating,timestamp", "7,8,4,881250949"),
        ("userId,movieId,rating,timestamp", "7,8,4.0,881250949"),
    ],
)
def test_movielens_ratings(tmp_path: Path, header: str, line: str) -> None:
    event = made.message(made.file(tmp_path, f"{header}\n{line}\n"))

    assert (event.kind, event.customer, event.product, event.rating) == ("RATING", "7", "8", 4.0)
    assert event.occurred_at.isoformat() == "1997-12-04T15:55:49+00:00"


def test_movielens_films_keep_their_genres(tmp_path: Path) -> None:
    flags = ",".join("1" if genre in {"Comedy", "Drama"} else "0" for genre in GENRES)
    items = f"movie_id,title,release_date,{','.join(GENRES)}\n1,A Film,01-Jan-1995,{flags}\n"
    movies = "movieId,title,genres\n1,A Film,Comedy|Drama\n2,Other,(no genres listed)\n"

    old = made.message(made.file(tmp_path, items))
    new, bare = made.messages(made.file(tmp_path, movies, name="movies.csv"))

    assert old.attributes["genres"] == new.attributes["genres"] == ["Comedy", "Drama"]
    assert (old.category, new.category) == ("Comedy", "Comedy")
    assert (bare.title, "category" in repr(bare.category)) == ("Other", False)


def test_movielens_tags_are_a_kind_of_their_own(tmp_path: Path) -> None:
    event = made.message(made.file(tmp_path, "userId,movieId,tag,timestamp\n7,8,slow,881250949\n"))

    assert (event.kind, event.extra) == ("TAG", {"tag": "slow"})


def test_a_click_stream_tells_product_pages_carts_and_payments(tmp_path: Path) -> None:
    steps = ("main", "product1", "cart", "payment_done")
    lines = "".join(f"7,{step},2019-11-01 17:59:{n:02}.25\n" for n, step in enumerate(steps))

    told = made.messages(made.file(tmp_path, "user_id,event,timestamp\n" + lines))

    assert [(m.kind, m.product) for m in told] == [
        ("MAIN", ""),
        ("VIEW", "product1"),
        ("CART", ""),
        ("PURCHASE", ""),
    ]
    assert told[-1].order_id == "7-2019-11-01T17:59:03"


def test_groceries_are_anonymous_orders_of_one_day(tmp_path: Path) -> None:
    path = made.file(tmp_path, "basket,item\n1,whole milk\n1,soda\n")

    read = made.read(path, on="2024-05-01")

    assert [(m.customer, m.order_id, m.product) for m in made.messages(path, on="2024-05-01")] == [
        ("", "1", "whole milk"),
        ("", "1", "soda"),
    ]
    assert [told.title for told in read.titles] == ["whole milk", "soda"]


@pytest.mark.parametrize(
    "header",
    [
        "recency,history_segment,history,mens,womens,segment,visit,conversion,spend",
        "customerID,gender,tenure,MonthlyCharges,TotalCharges,Churn",
        "CustomerID,Churn,Tenure,OrderCount,DaySinceLastOrder",
        "household_id,age,income,home_ownership,marital_status,household_size",
        "campaign_id,household_id",
        "campaign_id,campaign_type,start_date,end_date",
        "coupon_upc,product_id,campaign_id",
        "user_id,age,gender,occupation,zip_code",
    ],
)
def test_a_table_without_facts_is_refused_with_the_reason(tmp_path: Path, header: str) -> None:
    path = made.file(tmp_path, f"{header}\n{','.join('1' for _ in header.split(','))}\n")

    with pytest.raises(NoFacts, match="nothing of this file is a shop fact"):
        made.inspect(path)
