using System.Buffers;
using System.Text.Json;
using Helix.Core.Fleet;
using Helix.Core.Gateway;
using Helix.Fleet;

namespace Helix.Gateway;

/// <summary><c>GET /v1/models</c> and <c>/v1/models/{id}</c> in OpenAI's shape, with what helix knows beside it.</summary>
internal sealed class ModelsEndpoint(IFleetView fleet)
{
    public Task ListAsync(HttpContext context) => AnswerAsync(context, json =>
    {
        json.WriteStartObject();
        json.WriteString("object"u8, "list"u8);
        json.WriteStartArray("data"u8);
        foreach (var model in fleet.Current.Models) Write(json, model);
        json.WriteEndArray();
        json.WriteEndObject();
    });

    public Task FindAsync(HttpContext context, string id)
    {
        var models = fleet.Current.Models;
        var found = models.FirstOrDefault(model => model.Id == id);
        return found is null
            ? ErrorResponse.WriteAsync(context, Routing.Unknown(models, id))
            : AnswerAsync(context, json => Write(json, found));
    }

    private static async Task AnswerAsync(HttpContext context, Action<Utf8JsonWriter> write)
    {
        var bytes = new ArrayBufferWriter<byte>(1024);
        using (var json = new Utf8JsonWriter(bytes)) write(json);
        context.Response.ContentType = "application/json";
        context.Response.ContentLength = bytes.WrittenCount;
        if (!HttpMethods.IsHead(context.Request.Method)) await context.Response.BodyWriter.WriteAsync(bytes.WrittenMemory);
    }

    private static void Write(Utf8JsonWriter json, ServedModel model)
    {
        var (state, detail) = ModelStates.Words(model.Availability);
        json.WriteStartObject();
        json.WriteString("id"u8, model.Id);
        json.WriteString("object"u8, "model"u8);
        json.WriteNumber("created"u8, model.Added.ToUnixTimeSeconds());
        json.WriteString("owned_by"u8, model.IsSelfTest ? "helix" : model.Origin == ModelOrigin.Own ? "local" : model.Seats[0].Provider);
        json.WriteStartObject("helix"u8);
        json.WriteString("state"u8, state);
        if (detail is not null) json.WriteString("detail"u8, detail);
        json.WriteStartArray("abilities"u8);
        foreach (var ability in ModelStates.Abilities(model.Abilities)) json.WriteStringValue(ability);
        json.WriteEndArray();
        // engines of somebody else do not always tell
        if (model.ContextTokens > 0) json.WriteNumber("context"u8, model.ContextTokens);
        json.WriteEndObject();
        json.WriteEndObject();
    }
}
