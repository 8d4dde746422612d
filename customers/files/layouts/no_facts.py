"""Files that come beside shops' data and hold nothing that happened: refused with the reason."""

from customers.files.layout import Facts, Layout, words


def _refused(name: str, title: str, headers: str, why_not: str, *, exact: bool = False) -> Layout:
    return Layout(
        name=name,
        title=title,
        facts=Facts.NONE,
        headers=frozenset(words(headers)),
        why_not=why_not,
        exact=exact,
    )


NO_FACTS = (
    _refused(
        "hillstrom",
        "Hillstrom's e-mail test",
        "recency history_segment history mens womens segment visit conversion spend",
        "its rows are sums per person without a customer id or a date; nothing that happened can be"
        " placed in time. It serves to measure uplift models (benchmarks), not as a shop.",
    ),
    _refused(
        "telco-churn",
        "the Telco churn table",
        "customerID tenure MonthlyCharges Churn",
        "it is a snapshot: one line a customer, a verdict and no dates. Churn is learned here from"
        " what customers did and when; import their orders instead.",
    ),
    _refused(
        "ecommerce-churn",
        "the e-commerce churn table",
        "CustomerID Churn Tenure OrderCount DaySinceLastOrder",
        "it is a snapshot: counts per customer, a verdict and no dates. Churn is learned here from"
        " what customers did and when; import their orders instead.",
    ),
    _refused(
        "complete-journey-demographics",
        "Complete Journey demographics",
        "household_id age income home_ownership marital_status",
        "age, income and family are not kept: no offer here may depend on them. The households"
        " themselves come with their transactions.",
    ),
    _refused(
        "complete-journey-campaigns",
        "Complete Journey campaign members",
        "campaign_id household_id",
        "a campaign of the past without a date, a cost or a control group proves nothing here."
        " What came of it is in the transactions and the coupon redemptions; import those.",
        exact=True,
    ),
    _refused(
        "complete-journey-campaign-descriptions",
        "Complete Journey campaign descriptions",
        "campaign_id campaign_type start_date end_date",
        "it describes campaigns of the past, which cannot be measured here. What came of them is in"
        " the transactions and the coupon redemptions; import those.",
        exact=True,
    ),
    _refused(
        "complete-journey-coupons",
        "Complete Journey coupons",
        "coupon_upc product_id campaign_id",
        "it lists which products a past coupon was good for. Coupons here are issued by campaigns;"
        " the redemptions of the past can be imported.",
        exact=True,
    ),
    _refused(
        "movielens-100k-users",
        "MovieLens 100k users",
        "user_id age gender occupation zip_code",
        "age, gender, occupation and postcode together point at persons and are not kept. The"
        " people themselves come with their ratings.",
        exact=True,
    ),
)
