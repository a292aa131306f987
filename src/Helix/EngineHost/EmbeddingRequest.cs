using System.Text.Json;
using Helix.Engine;

namespace Helix.EngineHost;

/// <summary>Body of <c>POST /v1/embeddings</c>, known to be good.</summary>
/// <param name="Texts">Tokens of each text.</param>
internal sealed record EmbeddingRequest(IReadOnlyList<int[]> Texts, bool AsBase64)
{
    public static EmbeddingRequest Read(JsonElement body, LoadedModel model, TextLimit limit, List<Refusal> faults)
    {
        var fields = new RequestFields(body, "", faults);
        fields.Text("model");
        var texts = TextOrTokens.Read(fields, "input", limit);
        if (texts.Count > TextOrTokens.MostTexts)
            fields.Fault("input", "invalid_value", $"must hold at most {TextOrTokens.MostTexts} texts");
        var format = fields.Text("encoding_format");
        if (format is not (null or "float" or "base64"))
            fields.Fault("encoding_format", "invalid_value", $"must be `float` or `base64`, not '{format}'");
        if (fields.Integer("dimensions", 1, int.MaxValue) is { } dimensions && dimensions != model.Facts.EmbeddingLength)
            fields.Fault("dimensions", "unsupported_parameter", $"must be {model.Facts.EmbeddingLength}, the length of this model's embeddings; leave it out");
        fields.RefuseOthers("user");
        return new EmbeddingRequest(texts, format == "base64");
    }
}
