"""The settings that users take to their own clusters: the Kubernetes manifest fits its API, and says what flink.yaml says."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
import yaml
from kubernetes.client import models

from tests.engines.cluster import SETTINGS

MANIFEST = SETTINGS / "flink-session.yaml"


def documents() -> list[Any]:
    return list(yaml.safe_load_all(MANIFEST.read_text()))


def named(kind: str, name: str) -> Any:
    (found,) = (each for each in documents() if each["kind"] == kind and each["metadata"]["name"] == name)
    return found


def problems(value: Any, kind: str, place: str) -> Iterator[str]:
    """Yield each key that the API's type of this name does not have, and each that it asks for and that is absent."""
    if inner := re.fullmatch(r"list\[(\w+)\]", kind):
        for number, item in enumerate(value):
            yield from problems(item, inner[1], f"{place}[{number}]")
    elif hasattr(models, kind):
        model = getattr(models, kind)
        names = {key: name for name, key in model.attribute_map.items()}
        yield from (f"{place}.{key}: unknown" for key in value.keys() - names.keys())
        try:
            model(**{names[key]: item for key, item in value.items() if key in names})
        except ValueError as error:
            yield f"{place}: {error}"
        for key in value.keys() & names.keys():
            yield from problems(value[key], model.openapi_types[names[key]], f"{place}.{key}")


def test_a_misspelt_key_and_an_absent_one_are_found() -> None:
    found = list(problems({"spec": {"replica": 1, "selector": {}}}, "V1Deployment", "deployment"))
    assert found == ["deployment.spec.replica: unknown", "deployment.spec: Invalid value for `template`, must not be `None`"]


@pytest.mark.parametrize("document", documents(), ids=lambda each: f"{each['kind']}-{each['metadata']['name']}")
def test_manifest_fits_the_api(document: Any) -> None:
    assert document["apiVersion"] == {"Deployment": "apps/v1"}.get(document["kind"], "v1")
    assert list(problems(document, f"V1{document['kind']}", document["kind"])) == []


def test_configuration_in_the_manifest_is_flink_yaml() -> None:
    assert named("ConfigMap", "fairgate-flink")["data"]["config.yaml"] == (SETTINGS / "flink.yaml").read_text()


def test_service_leads_to_the_job_manager_at_its_ports() -> None:
    service, manager = named("Service", "fairgate-flink"), named("Deployment", "fairgate-flink-jobmanager")
    template = manager["spec"]["template"]
    assert service["spec"]["selector"] == template["metadata"]["labels"] == manager["spec"]["selector"]["matchLabels"]
    (container,) = template["spec"]["containers"]
    assert [port["port"] for port in service["spec"]["ports"]] == [port["containerPort"] for port in container["ports"]]
    settings = yaml.safe_load((SETTINGS / "flink.yaml").read_text())
    assert settings["jobmanager"]["rpc"]["port"] in [port["port"] for port in service["spec"]["ports"]]
    assert settings["rest"]["port"] in [port["port"] for port in service["spec"]["ports"]]


@pytest.mark.parametrize("name", ["jobmanager", "taskmanager"])
def test_every_volume_that_is_mounted_is_there(name: str) -> None:
    pod = named("Deployment", f"fairgate-flink-{name}")["spec"]["template"]["spec"]
    volumes = {volume["name"]: volume for volume in pod["volumes"]}
    assert {mount["name"] for mount in pod["containers"][0]["volumeMounts"]} == volumes.keys()
    for volume in volumes.values():
        if "configMap" in volume:
            assert named("ConfigMap", volume["configMap"]["name"])
        else:
            assert named("PersistentVolumeClaim", volume["persistentVolumeClaim"]["claimName"])
