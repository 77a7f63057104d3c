"""Addresses of intelligence."""

from typing import Final

from django.urls import path

from hilf.console.intelligence import bulk, coverage, export, intake, quarantine, search, show

urlpatterns: Final = [
    path("", search.list_, name="intelligence"),
    path("complete/", search.complete, name="intelligence_complete"),
    path("export/", export.file, name="intelligence_export"),
    path("selection/", bulk.choose, name="selection"),
    path("selection/label/", bulk.put_label, name="selection_label"),
    path("selection/mark/", bulk.mark_all, name="selection_mark"),
    path("techniques/", coverage.matrix, name="techniques"),
    path("intake/", intake.bring, name="intake"),
    path("intake/uploads/<str:upload_id>/", intake.upload, name="upload"),
    path("intake/imports/", intake.imports, name="imports"),
    path("intake/imports/<int:import_id>/", intake.one, name="import"),
    path("intake/imports/<int:import_id>/undo/", intake.undo, name="import_undo"),
    path("quarantine/", quarantine.list_, name="quarantine"),
    path("quarantine/<str:stix_id>/<str:sha256>/", quarantine.decide, name="quarantine_decide"),
    path("<str:stix_id>/", show.page, name="object"),
    path("<str:stix_id>/bytes/", show.raw, name="object_bytes"),
    path("<str:stix_id>/why/", show.why_to, name="object_why"),
    path("<str:stix_id>/label/", show.label, name="object_label"),
]
