using System.Collections.Immutable;
using Helix.Core.Gateway;
using Helix.Core.Gateway.Dialects;

namespace Helix.Gateway;

/// <summary>What a body asks for: an answer, or that a model be loaded; or why it asks for nothing.</summary>
/// <param name="Route">Under which it is asked.</param>
/// <param name="Body">In OpenAI's words; as it came where <see cref="OtherWords.Fault"/> says why it cannot be put into them.</param>
/// <param name="Facts">Of that; null where no answer is asked for.</param>
/// <param name="Other">Null where it came in OpenAI's words.</param>
internal readonly record struct ReadRequest(InferenceRoute Route, ReadOnlyMemory<byte> Body = default, BodyFacts? Facts = null, OtherWords? Other = null)
{
    /// <summary>Why it asks for nothing; null where it asks for something.</summary>
    public GatewayError? Error { get; init; }

    /// <summary>The model that is to be loaded, where nothing else is asked; else null.</summary>
    public string? Loads { get; init; }

    /// <summary>That one is not needed any more.</summary>
    public bool Unloads { get; init; }
}

/// <summary>Of a request that did not come in OpenAI's words, and of what its client is told in its own.</summary>
/// <param name="own">As the client wrote it, where a cloud may speak those words too; null for any other.</param>
/// <param name="fault">Null where it could be put into OpenAI's words.</param>
/// <param name="dropped">Names of what engines are not told.</param>
internal sealed class OtherWords(OwnWords? own, GatewayError? fault, ImmutableArray<string> dropped)
{
    public OwnWords? Own => own;

    public GatewayError? Fault => fault;

    public ImmutableArray<string> Dropped => dropped;

    /// <summary>Of the answer that is given now; null where it is passed on as it is, or there is none yet.</summary>
    public AnswerTranslation? Translation { get; set; }

    /// <summary>From its coming until it was sent to an engine last.</summary>
    public TimeSpan Sent { get; set; }
}
