namespace Helix.Core.Gateway;

/// <summary>What of a body's members counts for routing.</summary>
internal enum BodyMember
{
    Other,
    Model,
    Stream,
    Prompt,
    MaxTokens,
    Tools,
    ResponseFormat,
    Temperature,
    Seed,

    /// <summary>Of an answer.</summary>
    Variants,
}

/// <summary>How such members are called.</summary>
internal static class BodyMembers
{
    /// <summary>By its length first: most names are compared with one word, or none.</summary>
    public static BodyMember Of(ReadOnlySpan<byte> name) => name.Length switch
    {
        1 when name.SequenceEqual("n"u8) => BodyMember.Variants,
        4 when name.SequenceEqual("seed"u8) => BodyMember.Seed,
        5 when name.SequenceEqual("model"u8) => BodyMember.Model,
        5 when name.SequenceEqual("input"u8) => BodyMember.Prompt,
        5 when name.SequenceEqual("tools"u8) => BodyMember.Tools,
        6 when name.SequenceEqual("stream"u8) => BodyMember.Stream,
        6 when name.SequenceEqual("prompt"u8) => BodyMember.Prompt,
        7 when name.SequenceEqual("best_of"u8) => BodyMember.Variants,
        8 when name.SequenceEqual("messages"u8) => BodyMember.Prompt,
        9 when name.SequenceEqual("functions"u8) => BodyMember.Tools,
        10 when name.SequenceEqual("max_tokens"u8) => BodyMember.MaxTokens,
        11 when name.SequenceEqual("temperature"u8) => BodyMember.Temperature,
        15 when name.SequenceEqual("response_format"u8) => BodyMember.ResponseFormat,
        21 when name.SequenceEqual("max_completion_tokens"u8) => BodyMember.MaxTokens,
        _ => BodyMember.Other,
    };

    /// <summary>These are parameters, too, that not every engine knows: nearly all others of nearly all bodies are known by now.</summary>
    public static bool MayBeParameter(BodyMember member) => member is BodyMember.Other or BodyMember.ResponseFormat or BodyMember.Seed or BodyMember.Variants;
}
