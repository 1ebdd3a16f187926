"""The small read-only endpoints: the calling key and the lists of models."""

from aiohttp import web

from ..exchange import KEY, json_reply
from ..state import State
from .models import Catalogue


class Account:
    """Answers about the key and the models."""

    def __init__(self, state: State) -> None:
        """Read from the shared state."""
        self._state = state

    def routes(self) -> list[web.RouteDef]:
        """Give the paths that are answered here."""
        return [
            web.get("/v1/api-key", self._api_key, allow_head=False),
            web.get("/v1/models", self._models, allow_head=False),
            web.get("/v1/models/{id}", self._model, allow_head=False),
            web.get("/v1/language-models", self._language_models, allow_head=False),
            web.get("/v1/language-models/{id}", self._language_model, allow_head=False),
            web.get("/v1/image-generation-models", self._image_models, allow_head=False),
            web.get("/v1/image-generation-models/{id}", self._image_model, allow_head=False),
        ]

    async def _api_key(self, request: web.Request) -> web.Response:
        """Tell the facts of the calling key, even of a blocked one."""
        return json_reply(self._state, request[KEY].facts, definition="api_key")

    async def _models(self, request: web.Request) -> web.Response:
        """List the models of all kinds in OpenAI's form."""
        request[KEY].require("endpoint", "models")
        data = [model.facts for model in self._state.catalogue.models]
        data += [model.plain_facts for model in self._state.image_catalogue.models]
        return json_reply(self._state, {"data": data, "object": "list"}, definition="models.list")

    async def _model(self, request: web.Request) -> web.Response:
        """Tell one model in OpenAI's form."""
        request[KEY].require("endpoint", "models")
        return web.json_response(self._state.catalogue.find(request.match_info["id"]).facts)

    async def _language_models(self, request: web.Request) -> web.Response:
        """List the models in xAI's richer form."""
        request[KEY].require("endpoint", "models")
        models = [model.language_facts for model in self._state.catalogue.models]
        return json_reply(self._state, {"models": models}, definition="language_models.list")

    async def _language_model(self, request: web.Request) -> web.Response:
        """Tell one model in xAI's richer form."""
        request[KEY].require("endpoint", "models")
        return web.json_response(self._state.catalogue.find(request.match_info["id"]).language_facts)

    async def _image_models(self, request: web.Request) -> web.Response:
        """List the models that make pictures."""
        request[KEY].require("endpoint", "models")
        models = [model.facts for model in self._state.image_catalogue.models]
        return json_reply(self._state, {"models": models}, definition="image_generation_models.list")

    async def _image_model(self, request: web.Request) -> web.Response:
        """Tell one model that makes pictures; one that does not is unknown here."""
        request[KEY].require("endpoint", "models")
        model = self._state.image_catalogue.find(request.match_info["id"], Catalogue(()))
        return json_reply(self._state, model.facts, definition="image_generation_models.model")
