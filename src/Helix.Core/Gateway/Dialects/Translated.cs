using System.Collections.Immutable;

namespace Helix.Core.Gateway.Dialects;

/// <summary>A request in another dialect, put into OpenAI's.</summary>
internal abstract record Translated
{
    private Translated() { }

    /// <param name="Dropped">Parameters that change no answer in a way that matters and that engines do not know.</param>
    internal sealed record Good(byte[] Body, ImmutableArray<string> Dropped) : Translated
    {
        public InferenceRoute Route { get; init; } = InferenceRoute.Chat;

        /// <summary>What of the request is told again in its answer, as one object; empty where nothing is.</summary>
        public byte[] Echoes { get; init; } = [];

        /// <summary>Of a stream: its client wants to be told what it took, as far as the words that it was put into leave that open.</summary>
        public bool TellsUsage { get; init; }
    }

    /// <summary>Nothing is asked but that a model be loaded.</summary>
    /// <param name="Unloads">It is not needed any more.</param>
    internal sealed record Loads(string Model, bool Unloads) : Translated;

    internal sealed record Bad(GatewayError Error) : Translated;
}

/// <summary>A request that cannot be put into other words, and why.</summary>
internal sealed class DialectFault(GatewayError error) : Exception(error.Message)
{
    public GatewayError Error => error;

    /// <param name="path">Of the member at fault.</param>
    public static DialectFault Wrong(string path, string wanted) => new(new GatewayError(400, "invalid_type", $"'{path}' must be {wanted}.", path));

    public static DialectFault Missing(string path, string wanted) => new(new GatewayError(400, "missing_parameter", $"'{path}' is missing: {wanted}.", path));

    /// <param name="path">Null where it is somewhere in the body.</param>
    public static DialectFault HalfCharacter(string? path = null) => new(new GatewayError(
        400, "invalid_json", $"{(path is null ? "The body" : $"'{path}'")} contains half of a character (a lone surrogate such as \\ud800). Escape characters beyond U+FFFF as pairs, or not at all.", path));

    public static DialectFault Beyond(string path, string what) => new(new GatewayError(400, "unsupported_parameter", $"'{path}': {what}.", path));
}
