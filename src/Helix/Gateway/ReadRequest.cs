using System.Collections.Immutable;
using Helix.Core.Gateway;

namespace Helix.Gateway;

/// <summary>What a body asks for.</summary>
internal abstract record ReadRequest
{
    private ReadRequest() { }

    /// <param name="Body">In OpenAI's words; as it came where <paramref name="Fault"/> says why it cannot be put into them.</param>
    /// <param name="Own">As the client wrote it, where a cloud may speak those words too.</param>
    /// <param name="Fault">Null where it could be put into OpenAI's words.</param>
    /// <param name="Dropped">Names of what engines are not told.</param>
    internal sealed record Good(ReadOnlyMemory<byte> Body, BodyFacts Facts, InferenceRoute Route, OwnWords? Own, GatewayError? Fault, ImmutableArray<string> Dropped) : ReadRequest;

    /// <summary>Nothing is asked but that a model be loaded.</summary>
    /// <param name="Unloads">It is not needed any more.</param>
    internal sealed record Loads(string Model, bool Unloads) : ReadRequest;

    internal sealed record Bad(GatewayError Error, InferenceRoute Route) : ReadRequest;
}
