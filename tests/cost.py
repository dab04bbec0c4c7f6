"""What tests cost, and so when they run.

`make test` is what a change needs to hear: it leaves out the tests that are marked `heavy`. `make check` runs those,
too, and so does a plain `pytest`. Which tests are heavy is decided here, in one table.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterable, Mapping

import pytest

NONE = 0
"""No case of the test runs in `make test`."""

CASES: Mapping[str, int] = {
    # Thousands of exports and syncs, seed by seed. A broken engine shows in the first few hundred.
    "sim/test_scenarios.py::test_every_promise_is_kept": 10,
    "engine/test_turns.py::test_nothing_is_refused_whatever_happens": 12,
    "sim/test_mutations.py::test_a_broken_product_is_caught": 6,
    "proof/test_faults.py::test_seeded_faults": 12,
    "proof/test_resource_faults.py::test_seeded_faults": 8,
    "resources/test_mixed_up.py::test_what_comes_is_true_and_what_is_missing_is_told": 3,
    "proof/test_gateway.py::test_nothing_is_lost_in_silence": 25,
    "proof/test_kills.py::test_killed_at_every_single_step": NONE,
    "proof/test_kills.py::test_killed_again_and_again": 4,
    "cli/test_one_day.py::test_yesterday_is_one_day_for_the_command_line_for_python_and_for_the_archive": 2,
    # Wrong answers: grids of page sizes and of malformed replies, and a gateway that mixes replies up, seed by seed.
    "engine/export/test_wrong_answers.py::test_a_gateway_that_mixes_replies_up_loses_nothing_without_a_word": 6,
    "engine/export/test_wrong_answers.py::test_most_of_what_a_gateway_mixes_up_is_read_right_again": 1,
    "engine/export/test_wrong_answers.py::test_a_submission_without_a_hash_is_asked_for_again": 5,
    "engine/export/test_wrong_answers.py::test_a_window_whose_submissions_make_no_sense_is_a_gap_and_costs_no_other": 5,
    "engine/export/test_wrong_answers.py::test_a_404_to_a_submission_is_a_window_without_rows": 8,
    "engine/export/test_wrong_answers.py::test_a_total_that_no_count_can_be_says_nothing": 9,
    "engine/export/test_wrong_answers.py::test_a_short_page_is_the_last_only_by_the_size_that_the_server_applied": 12,
    "engine/export/test_wrong_answers.py::test_with_a_total_the_servers_page_size_is_taken": 16,
    # Servers that answer with less than they have, and the rule about them broken on purpose, seed by seed.
    "archive/test_drawn_readings.py::test_no_row_leaves_without_a_word_and_no_dispute_is_missed": 10,
    "archive/test_drawn_readings.py::test_a_broken_rule_is_noticed": 6,
    "sync/test_less.py::test_no_row_leaves_without_a_word_and_no_dispute_is_missed": NONE,
    # Several accounts on one archive or file, each of which is read to its end.
    "sync/test_owner.py::test_it_is_the_owner_that_keeps_them_apart": NONE,
    "sync/test_owner.py::test_jobs_that_an_earlier_version_kept_are_nobodys_and_go": NONE,
    "cli/commands/export/test_run.py::test_another_account_or_question_in_between_takes_no_row_and_loses_none": 1,
    # Answers to the open questions about the live service, one by one and in pairs.
    "proof/test_quirks.py::test_two_quirks": 8,
    "proof/test_resources.py::test_one_quirk": 8,
    "proof/test_resources.py::test_two_quirks": 12,
    "proof/test_fidelity.py::test_rows_of_lists_come_back_as_they_were_sent": 4,
    "proof/test_disk.py::test_a_full_disk_is_an_error_and_harms_nothing": 3,
    "sync/test_recount.py::test_a_row_that_came_long_after_its_day_was_closed_is_read": 5,
    "sync/test_recount.py::test_a_server_that_finds_a_month_too_long_is_asked_for_fewer_days": NONE,
    "sync/test_restored.py::test_any_mix_of_ages_says_what_it_holds_and_is_mended": 25,
    "sync/test_forgetting.py::test_what_is_here_stays_and_each_day_is_asked_for_once_more": 3,
    "sync/test_redact.py::test_nothing_of_a_person_is_written_and_no_later_sync_sees_a_change": 1,
    # A store on this machine that speaks S3, kept archives of every layout, and syncs night after night.
    "archive/test_s3.py::test_a_sync_that_is_killed_goes_on_and_all_is_there": NONE,
    "archive/test_s3.py::test_every_command_that_asks_an_archive_asks_one_in_s3": NONE,
    "archive/test_s3.py::test_a_sync_brings_the_truth_and_reads_again_what_it_must": NONE,
    "archive/test_s3.py::test_what_is_wrong_is_one_sentence_without_secrets": 4,
    "archive/test_s3.py::test_a_damaged_day_is_set_aside_in_the_store": NONE,
    "archive/test_s3.py::test_processes_that_want_it_all_the_time_hold_it_one_after_the_other": NONE,
    "archive/test_s3.py::test_an_archive_may_fill_a_bucket_that_is_called_as_parts_of_its_names_are": NONE,
    "archive/test_s3.py::test_the_second_run_is_told_who_holds_it": NONE,
    "archive/test_s3.py::test_an_answer_outlives_its_archive_and_nothing_is_left_on_this_machine": NONE,
    "archive/test_s3.py::test_of_many_that_begin_at_once_one_holds_it": NONE,
    "archive/test_layouts.py::test_compacting_changes_the_layout_and_no_answer": 4,
    "archive/test_layouts.py::test_an_old_file_that_comes_from_a_backup_is_found_and_read": 4,
    "archive/test_check.py::test_what_is_not_the_archives_is_named_and_counted_by_nobody": 4,
    "archive/test_views.py::test_a_folder_whose_name_is_a_pattern_shows_its_own_rows": 3,
    "archive/test_writer.py::test_a_decision_that_is_killed_at_any_step_can_be_made_again": 2,
    "proof/test_late.py::test_a_week_of_nightly_syncs_ends_with_the_truth_and_the_log_names_what_changed": NONE,
    "proof/test_swaps.py::test_our_own_questions_never_fail": 2,
    "sync/test_recount.py::test_a_row_that_came_and_one_that_went_are_found_within_a_month": NONE,
    "sync/test_recount.py::test_a_list_that_always_counts_more_has_a_day_read_again_twice": NONE,
    "sync/test_lists.py::test_the_plan_knows_what_the_tables_cost_the_last_time": NONE,
    "sync/test_lists.py::test_an_event_that_arrives_after_its_window_is_found_by_a_count": 2,
    "cli/commands/export/test_shelf.py::test_killed_at_any_moment_it_goes_on_and_the_file_is_whole": NONE,
    "sandbox/test_conformance.py::test_drawn_requests_are_answered_as_described": 4,
    # Months of many sites: a whole table of the bench. One day of one site shows what a change of the pace does.
    "bench/test_pace.py::test_one_day_is_exported_within_its_target": 4,
    "bench/test_pace.py::test_a_month_of_many_sites_is_exported_within_its_target": NONE,
    "bench/test_pace.py::test_sixty_days_are_exported_within_their_target_where_durations_vary": NONE,
    "bench/test_pace.py::test_a_server_that_queues_is_neither_starved_nor_flooded": NONE,
    "bench/test_archive.py::test_every_row_is_written_and_the_question_finds_all_sites_and_days": NONE,
    # Each starts processes of its own that import everything anew.
    "archive/test_s3.py::test_it_is_written_read_checked_compacted_and_repaired_like_a_local_one": NONE,
    "archive/test_closing.py::test_an_archive_is_shared_and_closed_again": 3,
    "archive/test_closing.py::test_a_shared_archive_is_its_groups_too": 3,
    "archive/test_closing.py::test_an_earlier_archive_is_named_and_closed": 3,
    "archive/test_closing.py::test_an_archive_that_cannot_be_closed_is_named": 3,
    "cli/test_umask.py::test_a_sync_makes_an_archive_that_nobody_else_may_open": 4,
    "cli/commands/sync/test_fleet.py::test_all_accounts_are_read_into_one_archive_with_a_line_each": NONE,
    "cli/commands/sync/test_fleet.py::test_two_runs_at_once_in_two_processes_fill_one_archive": NONE,
    "cli/commands/sync/test_fleet.py::test_a_pattern_names_some_of_them": NONE,
    "cli/commands/sync/test_fleet.py::test_with_leases_an_account_is_done_once": NONE,
    "cli/commands/sync/test_fleet.py::test_ctrl_c_stops_all_and_says_how_to_go_on": NONE,
    "cli/commands/sync/test_fleet.py::test_an_account_that_another_run_holds_is_named_and_the_others_are_read": NONE,
    "sync/test_leases.py::test_identical_workers_share_the_accounts_and_one_that_dies_is_replaced": NONE,
    "sync/test_fleet.py::test_any_executor_runs_it_and_processes_share_the_archive": NONE,
    "archive/test_lock.py::TestTurns::test_nor_do_an_account_and_the_whole_archive": NONE,
    "engine/test_turns.py::test_all_who_always_want_get_the_same": 3,
    "engine/test_turns.py::test_without_accounts_the_odd_slots_go_to_the_same_holders": NONE,
    "engine/test_turns.py::test_a_ledger_that_is_wrong_about_others_is_refused": 3,
    "hostile/test_texts.py::test_an_archive_of_hostile_texts_can_be_asked_and_gives_no_orders": NONE,
    "hostile/test_forks.py::test_an_export_that_is_forked_goes_on_in_the_parent_alone": NONE,
    "cli/commands/sync/test_fleet.py::test_a_worker_that_is_killed_is_replaced_by_another": NONE,
    "sync/test_dask.py::test_workers_are_killed_midway_and_every_row_is_there_once": NONE,
    "bench/test_startup.py::test_a_command_imports_what_it_needs_and_nothing_else_that_is_heavy": 4,
    "bench/test_startup.py::test_what_it_is_held_against_needs_the_same": 12,
    "proof/test_kills.py::test_real_processes_killed_by_sigkill": NONE,
    # A server that does everything wrong that 150 forms can, and real forks: a minute of processes.
    "hostile/test_forms.py::test_a_hostile_server_meets_an_answer_or_an_error_of_ours_in_time": NONE,
    "hostile/test_forms.py::test_no_server_can_fill_the_memory": NONE,
    "hostile/test_forms.py::test_the_key_follows_no_redirect_and_no_cookie_is_sent": NONE,
    "hostile/test_forms.py::test_a_connection_is_used_again_only_if_nothing_came_beyond_the_reply": NONE,
    "hostile/test_forks.py::test_three_children_and_their_parent_get_the_answers_to_their_own_questions": NONE,
    # Each text at many places of a reply, before each command that shows it.
    "hostile/test_texts.py::test_a_text_gives_no_orders_and_is_shown": 20,
    "hostile/test_texts.py::test_a_file_holds_what_came": 20,
    "hostile/test_drips.py::test_a_slow_server_cannot_hold_a_sync_beyond_its_bound": 12,
    # Two type checkers read the package. `make types` reads the same calls in `make check`.
    "typing/test_calls.py::test_checkers_pass_what_is_right_and_refuse_each_wrong_call": NONE,
}
"""Tests that are heavy: of so many cases, the first runs in `make test`, and so does the first of the next as many."""


def seeds(few: int, *, exploring: int) -> range:
    """Seeds of a simulation that takes seconds for each: few in `make check`, and more in `make test-explore`."""
    return range(exploring if os.environ.get("HYPOTHESIS_PROFILE") == "explore" else few)


def mark_heavy(items: Iterable[pytest.Item]) -> None:
    """Mark the tests that `make test` leaves out."""
    seen: Counter[str] = Counter()
    for item in items:
        name = item.nodeid.partition("[")[0].removeprefix("tests/")
        one_of = CASES.get(name, 1)
        if one_of == NONE or seen[name] % one_of:
            item.add_marker(pytest.mark.heavy)
        seen[name] += 1
