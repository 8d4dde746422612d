import threading

from threadpoolctl import threadpool_info

from retention.learning.recommend.threads import one_blas_thread, over


def blas_threads() -> set[int]:
    return {each["num_threads"] for each in threadpool_info() if each["user_api"] == "blas"}


def test_results_come_in_the_order_of_the_items() -> None:
    assert over([3, 1, 2], lambda item: item * 10, threads=3) == [30, 10, 20]


def test_work_is_spread_over_threads() -> None:
    meeting = threading.Barrier(2, timeout=10)

    assert sorted(over([0, 1], lambda _: meeting.wait(), threads=2)) == [0, 1]


def test_nothing_to_do_is_nothing_done() -> None:
    assert over([], lambda item: item) == []


def test_blas_has_one_thread_inside_and_its_own_number_afterwards() -> None:
    before = blas_threads()

    with one_blas_thread():
        with one_blas_thread():
            pass
        inside = blas_threads()

    assert inside == {1}
    assert blas_threads() == before
