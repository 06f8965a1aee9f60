"""Which tests the default run takes, and which only the long one: under five minutes, on two cores.

What a test guards is guarded by the default run as well, by one of its cases or by its neighbours.
"""

from collections import Counter

import pytest

STORES = ["sqlite", "memory", "postgres"]
OVER_POSTGRES = frozenset({"tests.cli.test_selection", "tests.cli.test_changes"})
"""What runs over PostgreSQL by default as well, of its tests each fifth, as of the contracts; the
rest does in the long run, or by `--store`. The default run spends 20 s of a processor on it all.
"""
_LONG_OVER_POSTGRES = (
    "tests/contracts/test_pruning.py",
    "tests/contracts/test_history.py",
    "tests/contracts/test_locks.py::test_threads_",
)
_LONG = frozenset(
    f"test_{name}"
    for name in (
        "a_bad_setup_token_is_asked_for_again",
        "a_ctrl_c_at_any_moment_shows_no_traceback",
        "a_dumb_terminal_takes_a_number_and_a_bad_key_is_refused",
        "a_failure_is_forgotten_when_it_does_well_again",
        "a_killed_creation_leaves_nothing_or_a_whole_store",
        "a_killed_migration_changes_nothing_and_is_done_by_the_next",
        "a_message_beside_the_answer_that_cannot_be_written_changes_nothing",
        "a_model_of_ones_own_can_be_typed",
        "a_narrow_terminal_shows_as_much_as_can_be_erased",
        "a_plug_in_is_exported_by_the_dialect_it_shares_and_not_by_its_own",
        "a_plug_in_is_imported_by_enable_and_by_nothing_that_reads",
        "a_plug_in_that_was_uninstalled_leaves_its_profiles",
        "a_port_that_is_taken_is_said_and_pasted_around",
        "a_port_that_was_chosen_is_waited_at",
        "a_refresh_that_is_killed_leaves_a_grant_or_says_that_a_login_is_needed",
        "a_second_process_does_not_pay_again_until_its_time_is_over",
        "a_server_that_hangs_is_given_up_in_time",
        "a_signal_is_told_in_json_too",
        "a_store_that_never_ends_is_given_up",
        "a_transaction_cut_short_in_the_file_is_rolled_back",
        "a_variable_is_handed_on_under_every_name_and_a_profile_goes_before_it",
        "a_wrapped_setup_token_is_joined",
        "another_version_or_other_files_ask_again",
        "any_password_gets_in_and_is_shown_nowhere",
        "backspace_takes_a_character_back",
        "ctrl_c_at_a_terminal_keeps_what_finished",
        "ctrl_c_at_the_choice_changes_nothing_and_keeps_what_was_learned",
        "ctrl_c_while_it_waits_leaves_a_clean_line",
        "five_writers_lose_nothing",
        "half_a_transaction_on_a_read_only_disk_is_not_shown",
        "killed_at_any_point_it_leaves_a_sound_store",
        "many_records_are_written_as_they_are_read",
        "no_colour_is_no_colour",
        "people_sign_in_at_the_issuer_of_the_example",
        "processes_share_a_store",
        "taking_a_document_twice_changes_nothing_more",
        "the_callers_umask_and_core_limit_are_the_programs",
        "the_example_passes_its_own_tests",
        "the_largest_event_may_come_in_single_bytes",
        "the_timeout_bounds_the_whole_command",
        "this_program_runs_below_itself",
        "thousands_of_pieces_at_full_speed_hold_up_no_deadline",
        "what_a_plug_in_prints_goes_to_stderr",
        "what_is_pasted_wrong_is_told_and_asked_for_again",
        "what_the_program_must_not_find_is_gone",
    )
)
"""Tests that take two seconds, most of them for processes and terminals."""
_SAMPLED = frozenset(
    f"test_{name}"
    for name in (
        "a_command_for_another_program_prints_the_token_alone",
        "a_label_is_shown",
        "a_lost_page_is_never_a_bug",
        "a_mark_and_a_colour_say_what_can_be_used",
        "a_pipe_or_a_file_is_read_and_nothing_else",
        "a_plug_in_that_fails_harms_no_other_target",
        "a_plug_in_that_is_not_right_is_named_and_not_enabled",
        "a_probe_says_what_the_provider_said",
        "a_program_that_cannot_be_run_has_a_code_of_its_own",
        "a_sign_in_that_is_not_right_is_not_enabled",
        "a_signal_goes_to_the_program",
        "a_write_that_finds_no_space_changes_nothing",
        "an_error_as_deep_as_can_just_be_read_is_an_error",
        "both_lanes_answer_the_same",
        "every_id_is_whole_and_nothing_is_wider_than_the_terminal",
        "history_holds_what_was_asked_for_newest_first",
        "it_answers_nothing_that_the_whole_program_would_not",
        "nothing_that_ends_a_program_loses_a_grant",
        "postgresql_has_the_same_views",
        "processes_refresh_once_a_round",
        "the_deadline_is_for_all_of_it",
        "the_exit_code_is_the_programs",
        "the_time_grows_with_the_text_alone",
        "two_processes_answer_the_same",
        "what_a_probe_met_is_the_reason_to_go_on_with_the_next",
        "what_a_provider_refuses_the_next_one_answers",
        "what_cannot_be_asked_is_refused",
        "what_may_go_has_to_be_said_in_words_that_mean_it",
        "whatever_comes_there_is_one_verdict",
        "where_one_refuses_the_next_one_answers",
        "who_ends_this_program_ends_the_other",
        "who_reads_waits_for_no_writer",
        "without_a_terminal_the_other_way_is_named_at_once",
    )
)
"""Tests whose cases differ in a word and take long: of three cases the default run takes the last
one, and the long one takes all. So it is of every test with many cases that needs a store, a server
or the program.
"""
_OF, _OF_OTHER_STORES, _MANY = 3, 5, 2
_SLOW = ("tests/cli/", "tests/adapters/", "tests/contracts/")


def leave_the_long_ones(items: list[pytest.Item], store: str | None) -> None:
    """Marks them `soak`; with one `store` alone all of its are taken."""
    others = [item for item in items if _is_over_another_store(item.nodeid)]
    for at, item in enumerate(others if store is None else ()):
        if at % _OF_OTHER_STORES or item.nodeid.startswith(_LONG_OVER_POSTGRES):
            item.add_marker(pytest.mark.soak)
    short = [item for item in items if item.get_closest_marker("soak") is None]
    names = [item.nodeid.partition("[")[0] for item in short]
    cases, seen = Counter(names), Counter[str]()
    for item, name in zip(short, names, strict=True):
        test = name.rpartition("::")[2]
        if (name.startswith(_SLOW) and cases[name] > _MANY) or test in _SAMPLED:
            seen[name] += 1
            if seen[name] % _OF:
                item.add_marker(pytest.mark.soak)
        if test in _LONG:
            item.add_marker(pytest.mark.soak)


def _is_over_another_store(id: str) -> bool:
    return "[postgres" in id or (id.startswith("tests/cli/") and "[memory" in id)
