using Helix.Core.Fleet;
using Helix.Core.Tuning;

namespace Helix.Core.Gateway;

/// <summary>What routing knows of a request body; everything else stays bytes.</summary>
/// <param name="Model">The model named; null where none is, or null is.</param>
/// <param name="ModelStart">Where the model's value, quotes included, begins; where there is none, where a member can be inserted.</param>
/// <param name="ModelLength">Bytes of that value; 0 where there is none.</param>
/// <param name="HasMembers">Whether the object is not empty.</param>
/// <param name="Prompt">Where the part lies that engines turn into their prompt; empty where there is none.</param>
/// <param name="Tools">Where its tools lie, which stand before everything else in a prompt; empty where there are none.</param>
/// <param name="MaxTokens">That the answer may have; null where the request does not say.</param>
/// <param name="IsSteady">Asked again, it should be answered in the same words: one answer, at temperature 0 or with a seed.</param>
/// <param name="Needs">Tools or a JSON schema, which not every model and engine can do.</param>
internal sealed record BodyFacts(string? Model, int ModelStart, int ModelLength, bool HasMembers, bool Stream, ModelAbilities Needs, Range Prompt = default, Range Tools = default, int? MaxTokens = null, bool IsSteady = false)
{
    private const string Json = "application/json";

    /// <summary>Of the body: JSON, or a form with its boundary.</summary>
    public string ContentType { get; init; } = Json;

    public bool IsForm => ContentType != Json;

    /// <summary>Parameters that are in it, of those that not every engine knows.</summary>
    public RequestParameters Named { get; init; }

    /// <summary>Those of them that ask for something.</summary>
    public RequestParameters Asked { get; init; }

    /// <summary>Of a request that only names a model.</summary>
    public static BodyFacts Naming(string model) => new(model, 0, 0, HasMembers: true, Stream: false, ModelAbilities.None);

    /// <summary>About so many has its prompt.</summary>
    /// <param name="length">Of the whole body, in bytes.</param>
    public int PromptTokens(int length) => (Prompt.GetOffsetAndLength(length).Length + Tools.GetOffsetAndLength(length).Length) / RequestShape.BytesPerToken;
}

/// <summary>What a look at a body found.</summary>
internal abstract record BodyLook
{
    private BodyLook() { }

    internal sealed record Good(BodyFacts Facts) : BodyLook;

    internal sealed record Bad(GatewayError Error) : BodyLook;
}
