"""Prices, plans and tax."""

from __future__ import annotations

from sonnys_data_client.sandbox.world.menu import WASH_MIX, menu_of

MENUS = [menu_of(seed, site_id) for seed in (1, 2) for site_id in range(1, 20)]


def test_prices_stay_within_what_operators_charge() -> None:
    for menu in MENUS:
        singles = [wash.price_cents for wash in menu.washes]
        months = [plan.product.price_cents for plan in menu.plans]
        assert singles == sorted(singles)
        assert (1000 <= singles[0] <= 1200, singles[-1]) == (True, 3000)
        assert months == sorted(months, reverse=True)
        assert 2000 <= months[-1] <= 2500
        assert 4500 <= months[0] <= 5000
        assert all(995 <= plan.first_month_cents <= 1585 for plan in menu.plans)


def test_a_plan_pays_for_a_wash_on_the_menu() -> None:
    for menu in MENUS:
        assert {plan.wash for plan in (*menu.plans, menu.founders, menu.family)} <= set(menu.washes)


def test_the_family_add_on_renews_at_nothing() -> None:
    assert {menu.family.product.price_cents for menu in MENUS} == {0}


def test_skus_tell_products_apart() -> None:
    for menu in MENUS:
        plans = (*menu.plans, menu.founders, menu.family)
        products = (
            *menu.washes,
            *menu.extras,
            menu.vacuum,
            menu.prepaid_wash,
            menu.gift_card,
            *(p.product for p in plans),
        )
        assert len({product.sku for product in products}) == len(products)
        assert len({product.name for product in products}) == len(products)


def test_tax_is_rounded_half_up_and_alike_for_a_return() -> None:
    menu = next(each for each in MENUS if each.tax_per_10k == 825)
    assert menu.tax_on(2000) == 165
    assert menu.tax_on(200) == 17  # 16.5
    assert menu.tax_on(-200) == -17
    assert menu.tax_on(0) == 0


def test_a_mean_single_wash_costs_13_to_16() -> None:
    draws = [n / 1000 for n in range(1000)]
    for menu in MENUS:
        mean = sum(menu.washes[WASH_MIX.spin(draw)].price_cents for draw in draws) / 1000
        assert 1350 <= mean <= 1600
