"""The web pages, as text.

Rule: a page carries the marks that a reader of the real pages depends on (attributes, classes, texts, the one line of
classifier data), each exactly as there, and little else. Everything that comes from data is escaped.
"""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from coralrun.emulator.dates import page_time
from coralrun.emulator.messages import HTML_TYPE, Reply
from coralrun.emulator.site import Photo, Source, TrainedClassifier

NO_PERMISSION = "Sorry, you don't have permission to view this page."
NOT_FOUND = "Page could not be found. If you think this is a bug, please let us know on the forum."
BAD_LOGIN = "The credentials you entered did not match our records. Note that both fields may be case-sensitive."
STATUS_WORDS = {"unclassified": "Unclassified", "unconfirmed": "Unconfirmed", "confirmed": "Confirmed"}
_COMPLETION = {"unclassified": "Not started", "unconfirmed": "Unconfirmed", "confirmed": "Confirmed (completed)"}
_ABOUT_POINTS = (
    '<div class="tutorial-message"><div class="article-body"><h2>Manipulate annotations and point locations</h2>\n'
    "<h3>Information</h3>\n<ul>\n<li> Annotation area: where points of this image may lie.</li>\n"
    "<li> Last annotation update: who changed an annotation last.</li>\n</ul>\n<h3>Action buttons</h3>\n"
    "<ul>\n<li> Regenerate point locations: lays the points anew.</li>\n</ul>\n</div></div>"
)
"""Help, in a list whose items look like details, and are none."""


def page(title: str, content: str, head: str = "") -> str:
    """A whole page around its content."""
    heading = f"{escape(title)} | CoralNet" if title else "CoralNet"
    return (
        '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        f"<title>{heading}</title>\n</head>\n<body>\n{head}\n"
        f'<div id="content-container">\n{content}\n</div>\n</body>\n</html>\n'
    )


def account_bar(user_id: int, username: str, csrf: str) -> str:
    """What stands at the top of every page for someone who is signed in."""
    return (
        f'<a href="/accounts/profile/detail/{user_id}/"><span>Account ({escape(username)})</span></a>\n'
        f'<form action="/accounts/logout/" method="post"><input type="hidden" name="csrfmiddlewaretoken"'
        f' value="{csrf}"><button type="submit">Sign out</button></form>'
    )


def message_page(text: str) -> str:
    """A page that only says something, such as that it may not be seen."""
    return page("", f"<p><p>{escape(text)}</p></p>")


def not_found() -> str:
    """The page of whatever does not exist."""
    return page("", f"<p>{NOT_FOUND}</p>")


def csrf_failed() -> str:
    """The page of a form whose CSRF token is missing or wrong."""
    return (
        "<!DOCTYPE html>\n<html><head><title>403 Forbidden</title></head><body><h1>Forbidden (403)</h1>\n"
        "<p>CSRF verification failed. Request aborted.</p></body></html>\n"
    )


def bad_gateway() -> str:
    """The page of a proxy that does not reach the service."""
    return (
        "<html>\r\n<head><title>502 Bad Gateway</title></head>\r\n<body>\r\n<center><h1>502 Bad Gateway</h1>"
        "</center>\r\n<hr><center>nginx</center>\r\n</body>\r\n</html>\r\n"
    )


def browsable_api(reply: Reply) -> Reply:
    """A reply of the API as the page that a browser gets."""
    text = reply.body.decode("utf-8", errors="replace")
    body = page("API", f"<pre>{escape(text)}</pre>").encode()
    kept = tuple(header for header in reply.headers if header[0] != "Content-Type")
    return Reply(reply.status, (*kept, ("Content-Type", HTML_TYPE)), body)


def login_page(csrf: str, errors: Sequence[str] = (), missing: Sequence[str] = (), head: str = "") -> str:
    """The login form; `errors` concern it as a whole, `missing` names the fields left empty."""
    whole = "".join(f"<li>{escape(error)}</li>" for error in errors)
    error_list = f'<ul class="errorlist nonfield">{whole}</ul>' if errors else ""
    required = '<ul class="errorlist"><li>This field is required.</li></ul>'
    user_error, password_error = (required if name in missing else "" for name in ("username", "password"))
    return page(
        "Sign in",
        '<form action="" method="post">\n'
        f'<input type="hidden" name="csrfmiddlewaretoken" value="{csrf}">\n{error_list}\n'
        f'{user_error}<label for="id_username">Username or Email:</label>'
        ' <input type="text" name="username" maxlength="254" required id="id_username">\n'
        f'{password_error}<label for="id_password">Password:</label>'
        ' <input type="password" name="password" required id="id_password">\n'
        '<label for="id_stay_signed_in">Stay signed in:</label>'
        ' <input type="checkbox" name="stay_signed_in" id="id_stay_signed_in">\n'
        '<input type="submit" value="Sign in">\n</form>',
        head,
    )


def sources_page(own: Sequence[Source], others: Sequence[Source], head: str) -> str:
    """The list of one's sources and of the other public ones."""
    rows = "".join(
        f'<tr><td><a href="/source/{source.id}/">{escape(source.name)}</a></td><td>Admin</td></tr>\n' for source in own
    )
    items = "".join(f'<li><a href="/source/{source.id}/">{escape(source.name)}</a></li>\n' for source in others)
    return page(
        "Sources",
        f'<h3>Your Sources</h3>\n<table class="detail_table">\n{rows}</table>\n<ul class="object_list">\n{items}</ul>',
        head,
    )


def source_page(source: Source, saved_s: float, head: str) -> str:
    """A source's main page. `saved_s` is when its newest classifier was saved."""
    plot = [
        {
            "x": number,
            "y": round(100 * one.classify.accuracy) if one.classify else 0,
            "nimages": one.images,
            "traintime": one.train_time,
            "date": one.date,
            "pk": str(one.id),
        }
        for number, one in enumerate(_listed(source), start=1)
    ]
    counts = {status: sum(photo.status == status for photo in source.photos) for status in STATUS_WORDS}
    browse = f"/source/{source.id}/browse/images/"
    rows = "".join(
        f'<tr><td>{word}:\n<a href="{browse}?annotation_status={status}">\n{counts[status]}</a></td></tr>\n'
        for status, word in STATUS_WORDS.items()
    )
    backend = "\n".join(f"<li>{line}</li>" for line in _backend_lines(source, saved_s))
    return page(
        source.name,
        f'<h2 style="text-transform: none;"><a href="/source/{source.id}/">{escape(source.name)}</a></h2>\n'
        f'<table class="detail_box_table">\n{rows}'
        f'<tr><td>Total images:\n<a href="{browse}">\n{len(source.photos)}</a></td></tr>\n</table>\n'
        f'<ul class="flexible-details"><li><span>Visibility:</span><span>{"Public" if source.public else "Private"}'
        "</span></li>\n<li><span>Point generation method:</span><span>Simple random, 10 points</span></li></ul>\n"
        f'<div id="backend-column"><ul>\n{backend}\n</ul></div>\n'
        f"<script>\nlet classifierPlotData = {plot!r};\n</script>",
        head,
    )


def _backend_lines(source: Source, saved_s: float) -> list[str]:
    """What a source's page says of its classifier: the newest of its own, or the one that it was set to use."""
    threshold, extractor = "Confidence threshold: 100%", "Feature extractor: Colour and texture"
    used = source.in_use
    if used is not None:
        link = "this source"
        if used.lender is not None:
            number, name = used.lender
            link = f'<a href="/source/{number}/" target="_blank">{escape(name)}</a>'
        line = f"Active classifier: {used.classifier.id}, from {link}, trained {used.classifier.date}"
        if used.latest.id != used.classifier.id:
            line += f" (latest: {used.latest.id}, trained {used.latest.date})"
        return [line, threshold]
    if not _listed(source):
        none = "Classifier status: No classifier yet. Need a minimum of 20 Confirmed images to train a classifier."
        return [none, extractor]
    return [f"Last classifier saved: {page_time(saved_s)}", extractor, threshold]


def _listed(source: Source) -> list[TrainedClassifier]:
    """The classifiers that a source's page lists: none where it was set to use one."""
    return [] if source.in_use is not None else [one for one in source.classifiers if one.accepted]


def image_page(source: Source, photo: Photo, url: str, following: Photo | None, uploaded_s: float, head: str) -> str:
    """An image's page; `url` is that of the original file, `following` the next image by name."""
    headings = "".join(f"<th>{escape(name)}</th>" for name in ("Date", *source.aux_names))
    cells = "".join(f"<td>{escape(value) or '-'}</td>" for value in (photo.date or "", *photo.aux))
    details = "".join(
        f"<li>{key}: <span>{escape(value).replace(chr(10), '<br>')}</span></li>\n"
        if key == "Comments"
        else f"<li>{key.replace('(cm)', '(Cm)')}: {escape(value)}</li>\n"
        for key, value in photo.details.items()
        if value
    )
    scaled = (
        f'<div id="scaled_image_container"><img src="/media/{photo.file}.800x0_q85.jpg" /></div>\n'
        if photo.width > 800
        else ""
    )
    after = (
        f'<a href="/image/{following.id}/view/" title="{escape(following.name)}">Next &gt;</a>\n' if following else ""
    )
    status = _COMPLETION[photo.status]
    return page(
        photo.name,
        f'{after}{scaled}<div id="original_image_container" style="display:none;">\n'
        f'<img src="{escape(url)}" />\n</div>\n'
        f'<table class="detail_table horizontal">\n<tr>{headings}</tr>\n<tr>{cells}</tr>\n</table>\n'
        f'<div class="details">\n<h3>Annotation and point location status</h3>\n<ul>\n<li>{_ABOUT_POINTS}</li>\n'
        "<li>Point generation method: Simple random, 10 points</li>\n"
        f"<li>Annotation area: X: 0 - 100% / Y: 0 - 100%</li>\n<li>Annotation status: <b>{status}</b></li>\n</ul>\n"
        f'</div>\n<hr class="light"/>\n<div class="details">\n<h3>Other image details</h3>\n<ul>\n'
        f"<li>Name: {escape(photo.name)}</li>\n"
        f"<li>Full resolution: {photo.width} x {photo.height} pixels</li>\n"
        f"<li>Upload date: {page_time(uploaded_s)}</li>\n<li>Uploaded by: {escape(source.uploader)}</li>\n{details}"
        "</ul>\n</div>",
        head,
    )


def labelset_page(source: Source, head: str) -> str:
    """A source's labelset."""
    if not source.labels:
        return page("No labelset", "<p>This source doesn&#x27;t have a labelset yet.</p>", head)
    rows = "".join(
        f'<tr><td class="name"><a href="/label/{label.id}/"> {escape(label.name)}</a></td>'
        f"<td>{escape(label.code)}</td><td>{escape(label.group)}</td></tr>\n"
        for label in source.labels
    )
    return page(
        f"{source.name} | Labelset",
        f"<p>This labelset has {len(source.labels)} labels:</p>\n"
        '<table class="detail_table" id="label-table">\n'
        f"<tr><th>Name</th><th>Short Code</th><th>Functional Group</th></tr>\n{rows}</table>",
        head,
    )
