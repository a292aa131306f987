using System.Text.Json;

namespace Helix.EngineHost;

/// <summary>Answer of <c>GET /v1/models</c>: the one model, with what is known of it.</summary>
internal static class ModelsReply
{
    public static void Write(Utf8JsonWriter json, ServedEngine engine)
    {
        var facts = engine.Model.Facts;
        json.WriteStartObject();
        json.WriteString("object", "list");
        json.WriteStartArray("data");
        json.WriteStartObject();
        json.WriteString("id", engine.Alias);
        json.WriteString("object", "model");
        json.WriteNumber("created", engine.Created);
        json.WriteString("owned_by", "helix");
        json.WriteStartObject("meta");
        json.WriteString("name", facts.Name);
        json.WriteNumber("n_ctx", engine.Scheduler.Settings.Context);
        json.WriteNumber("n_ctx_train", facts.ContextTrained);
        json.WriteNumber("n_slots", engine.Scheduler.Settings.Slots);
        json.WriteNumber("n_params", facts.Parameters);
        json.WriteNumber("n_embd", facts.EmbeddingLength);
        json.WriteNumber("size", facts.Bytes);
        json.WriteString("template", facts.Template);
        json.WriteStartArray("abilities");
        if (facts is { Generates: true, Template: not null })
            json.WriteStringValue("chat");
        if (facts.Generates)
            json.WriteStringValue("completion");
        if (facts.Embeds)
            json.WriteStringValue("embeddings");
        json.WriteEndArray();
        json.WriteEndObject();
        json.WriteEndObject();
        json.WriteEndArray();
        json.WriteEndObject();
    }
}
