"""What a message says: safe placeholders and nothing else."""

from dataclasses import replace

import pytest

from campaigns.letters import Words, html_of, problems_of, subject_of, text_of

WORDS = Words(
    first_name="Ada",
    code="ABCD-EFGH",
    offer="10% off",
    valid_until="1 July 2026",
    products=("Tea pot", "Mug <blue>"),
    shop="Teas & more",
    unsubscribe="https://shop.example/u/x",
)


def test_a_message_says_what_its_placeholders_stand_for() -> None:
    said = text_of("Hi {first name},\n{offer}: {code} until {valid until}.", WORDS)

    assert said.startswith("Hi Ada,\n10% off: ABCD-EFGH until 1 July 2026.\n")
    assert "https://shop.example/u/x" in said, "a way out is added where none was written"


def test_who_gave_no_name_is_greeted_as_the_operator_says() -> None:
    nameless = replace(WORDS, first_name="")

    assert subject_of("Hi {first name|there}", nameless) == "Hi there"


@pytest.mark.parametrize("name", ["{code}", "<b>{offer}</b>", "{% now %}", "{0.__class__}"])
def test_what_a_customer_is_called_is_never_read_as_a_template(name: str) -> None:
    named = replace(WORDS, first_name=name)

    assert f"Hi {name}!" in text_of("Hi {first name}! {unsubscribe}", named)
    assert "<b>" not in html_of("Hi {first name}", named)


def test_in_html_everything_is_escaped_but_our_own_marks() -> None:
    page = html_of('<script>x</script> {code}\n\n{products they may like} "{shop}"', WORDS)

    assert "<script>" not in page
    assert "&lt;script&gt;x&lt;/script&gt; <strong>ABCD-EFGH</strong></p>" in page
    assert "- Tea pot<br>- Mug &lt;blue&gt; &quot;Teas &amp; more&quot;" in page
    assert '<a href="https://shop.example/u/x">' in page


def test_a_name_cannot_add_a_header() -> None:
    named = replace(WORDS, first_name="Ada\r\nBcc: all@example.com")

    assert subject_of("For {first name}", named) == "For Ada Bcc: all@example.com"


@pytest.mark.parametrize(
    ("subject", "body", "said"),
    [
        ("Hi", "{code} {phone}", "There is no {phone}. Known are {first name}, {code}"),
        ("Hi", "{code} {", "A brace is open or closed alone."),
        ("Hi", "{{code}}", "A brace is open or closed alone."),
        ("Hi", "Come back!", "Say the code"),
        ("Hi {unsubscribe}", "{code}", "{unsubscribe} has no place in one line."),
        ("", "{code}", "Write a subject."),
    ],
)
def test_what_is_no_message_is_refused_with_the_way_out(subject: str, body: str, said: str) -> None:
    assert said in " ".join(problems_of(subject, body).values())
