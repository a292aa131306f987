namespace Helix.Core.Gateway;

/// <summary>What routing knows of a request body; everything else stays bytes.</summary>
/// <param name="Model">The model named; null where none is, or null is.</param>
/// <param name="ModelStart">Where the model's value, quotes included, begins; where there is none, where a member can be inserted.</param>
/// <param name="ModelLength">Bytes of that value; 0 where there is none.</param>
/// <param name="HasMembers">Whether the object is not empty.</param>
/// <param name="NeedsStructure">It has tools or asks for a JSON schema, which not every model can do.</param>
internal sealed record BodyFacts(string? Model, int ModelStart, int ModelLength, bool HasMembers, bool Stream, bool NeedsStructure);

/// <summary>What a look at a body found.</summary>
internal abstract record BodyLook
{
    private BodyLook() { }

    internal sealed record Good(BodyFacts Facts) : BodyLook;

    internal sealed record Bad(GatewayError Error) : BodyLook;
}
