# SPDX-License-Identifier: GPL-2.0-or-later
"""What the holder of an account does on its own pages."""
import pytest
from acts import press, put, said
from admin import SUBSCRIBER
from service import eventually
from universe import REALM, subscriber_sql

HERE = "/siremis/user/subscriber"


@pytest.fixture(params=(True, False), ids=("scripts", "no-scripts"))
def holder(surfer, request):
	return surfer(SUBSCRIBER, javascript=request.param)


@pytest.fixture
def as_before(service):
	yield
	service.sql(f"DELETE FROM subscriber WHERE username = '{SUBSCRIBER}' AND domain = '{REALM}';"
		+ subscriber_sql(SUBSCRIBER, service.password(SUBSCRIBER)))
	service.accounts_changed()


def status(page, service):
	page.goto(service.admin.url + HERE)
	return page.inner_text("#password-status")


def follows(page, service, words):
	eventually(f"the page says '{words}'", lambda: words in status(page, service))


def after_the_second(service):
	"""Times are kept to the second: what happens now is later than the change."""
	eventually("the second of the change is over", lambda: service.sql("SELECT 1 FROM aeta_sip_password "
		f"WHERE account = '{SUBSCRIBER}' AND changed_at + INTERVAL 1 SECOND < UTC_TIMESTAMP(3)"))


def test_the_sip_password_is_changed(holder, service, agent, as_before):
	"""The agent with the old one is out and the page says so; with the new one it is in, and the page says that."""
	old = agent(SUBSCRIBER).registered()
	holder.check("[name=how][value=typed]")
	put(holder, new="new.secret-12", again="new.secret-12")
	press(holder, "Change the SIP password")
	assert "The SIP password is changed" in said(holder)
	after_the_second(service)
	assert old.register().status == 401
	follows(holder, service, "Failed since the change")
	agent(SUBSCRIBER, password="new.secret-12").registered()
	follows(holder, service, "Registered with the new password at")


def test_a_password_is_made_and_shown_once(holder, service, agent, as_before):
	press(holder, "Change the SIP password")
	made = holder.inner_text("main .secret code")
	assert len(made) == 12
	agent(SUBSCRIBER, password=made).registered()
	holder.goto(service.admin.url + HERE)
	assert made not in holder.content()


@pytest.mark.parametrize("typed, again", (("short", "short"), ("with a blank in", "with a blank in"), ("long-enough-1", "long-enough-2"),
	("", "")))
def test_a_password_that_will_not_do_changes_nothing(surfer, service, agent, typed, again):
	page = surfer(SUBSCRIBER)
	page.check("[name=how][value=typed]")
	put(page, new=typed, again=again)
	press(page, "Change the SIP password")
	assert page.locator("main [role=alert]").count() == 1
	agent(SUBSCRIBER).registered()
