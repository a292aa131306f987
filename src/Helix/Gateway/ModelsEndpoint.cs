using System.Buffers;
using System.Text.Json;
using Helix.Core.Fleet;
using Helix.Core.Gateway;
using Helix.Fleet;

namespace Helix.Gateway;

/// <summary><c>GET /v1/models</c> and <c>/v1/models/{id}</c> in OpenAI's shape, with what helix knows beside it.</summary>
internal sealed class ModelsEndpoint(IFleetView fleet, Aliases aliases)
{
    public Task ListAsync(HttpContext context) => IsOfAnthropic(context) ? AnswerAsync(context, WriteListOfAnthropic) : AnswerAsync(context, json =>
    {
        json.WriteStartObject();
        json.WriteString("object"u8, "list"u8);
        json.WriteStartArray("data"u8);
        var snapshot = fleet.Current;
        foreach (var (name, alias, model) in aliases.All(snapshot)) Write(json, model with { Id = name }, alias);
        json.WriteEndArray();
        json.WriteEndObject();
    });

    public Task FindAsync(HttpContext context, string id)
    {
        var snapshot = fleet.Current;
        var (name, alias, model) = aliases.All(snapshot).FirstOrDefault(each => each.Name == id);
        return name is null ? ErrorResponse.WriteAsync(context, Routing.Unknown(snapshot.Models, id), IsOfAnthropic(context) ? AnthropicDialect.Messages : null)
            : IsOfAnthropic(context) ? AnswerAsync(context, json => WriteOfAnthropic(json, name, model))
            : AnswerAsync(context, json => Write(json, model with { Id = name }, alias));
    }

    /// <summary>Its official client says so with each request.</summary>
    private static bool IsOfAnthropic(HttpContext context) => context.Request.Headers.ContainsKey("anthropic-version");

    private void WriteListOfAnthropic(Utf8JsonWriter json)
    {
        var all = aliases.All(fleet.Current).ToArray();
        json.WriteStartObject();
        json.WriteStartArray("data"u8);
        foreach (var (name, _, model) in all) WriteOfAnthropic(json, name, model);
        json.WriteEndArray();
        json.WriteBoolean("has_more"u8, false);
        json.WriteString("first_id"u8, all.FirstOrDefault().Name);
        json.WriteString("last_id"u8, all.LastOrDefault().Name);
        json.WriteEndObject();
    }

    private static void WriteOfAnthropic(Utf8JsonWriter json, string name, ServedModel model)
    {
        json.WriteStartObject();
        json.WriteString("type"u8, "model"u8);
        json.WriteString("id"u8, name);
        json.WriteString("display_name"u8, name);
        json.WriteString("created_at"u8, model.Added);
        json.WriteEndObject();
    }

    private static async Task AnswerAsync(HttpContext context, Action<Utf8JsonWriter> write)
    {
        var bytes = new ArrayBufferWriter<byte>(1024);
        using (var json = new Utf8JsonWriter(bytes)) write(json);
        context.Response.ContentType = "application/json";
        context.Response.ContentLength = bytes.WrittenCount;
        if (!HttpMethods.IsHead(context.Request.Method)) await context.Response.BodyWriter.WriteAsync(bytes.WrittenMemory);
    }

    private static void Write(Utf8JsonWriter json, ServedModel model, ModelAlias? alias = null)
    {
        var (state, detail) = ModelStates.Words(model.Availability);
        json.WriteStartObject();
        json.WriteString("id"u8, model.Id);
        json.WriteString("object"u8, "model"u8);
        json.WriteNumber("created"u8, model.Added.ToUnixTimeSeconds());
        json.WriteString("owned_by"u8, model.IsSelfTest || alias is not null ? "helix" : model.Origin == ModelOrigin.Own ? "local" : model.Seats[0].Provider);
        json.WriteStartObject("helix"u8);
        json.WriteString("state"u8, state);
        if (alias is not null) json.WriteString("alias_of"u8, alias.Text);
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
