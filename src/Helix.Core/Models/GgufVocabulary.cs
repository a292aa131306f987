using System.Buffers.Binary;
using System.Numerics;

namespace Helix.Core.Models;

/// <summary>Checks of the vocabulary. llama.cpp ends its process on some of what is refused here instead of saying what is wrong.</summary>
internal static class GgufVocabulary
{
    private const uint None = uint.MaxValue;
    private const int ByteToken = 6;

    private static readonly string[] s_tokenizers = ["llama", "bert", "gpt2", "hybriddna", "whitespace", "t5", "rwkv", "plamo2", "gemma4"];

    private static readonly string[] s_ids =
    [
        "bos", "eos", "eot", "eom", "unknown", "seperator", "padding", "mask", "fim_pre", "fim_suf", "fim_mid", "fim_pad", "fim_rep", "fim_sep",
    ];

    /// <returns>Tokens in the vocabulary; what is wrong is told to <paramref name="metadata"/>.</returns>
    public static int Check(ref GgufMetadata metadata, ReadOnlySpan<byte> prefix, string tokenizer)
    {
        if (tokenizer is "none" or "no_vocab") return 0;
        if (!s_tokenizers.Contains(tokenizer))
            metadata.Complain($"the tokenizer '{tokenizer}' is not one that llama.cpp v0.4.0 knows", metadata.OffsetOf("tokenizer.ggml.model"));

        if (metadata.Array("tokenizer.ggml.tokens", GgufValueType.Text) is not { } tokens)
        {
            metadata.Complain("the file has no vocabulary (tokenizer.ggml.tokens)", 0);
            return 0;
        }

        if (tokens.Count == 0) metadata.Complain("the vocabulary is empty", tokens.Offset);
        SameLength(ref metadata, "scores", tokens.Count, metadata.Array("tokenizer.ggml.scores", GgufValueType.Float32, GgufValueType.Int32));
        var types = metadata.Array("tokenizer.ggml.token_type", GgufValueType.Int32);
        SameLength(ref metadata, "token_type", tokens.Count, types);
        var merges = metadata.Array("tokenizer.ggml.merges", GgufValueType.Text);
        var pre = metadata.Text("tokenizer.ggml.pre", 256);
        if (merges is null && tokenizer is "gpt2" or "hybriddna" or "whitespace" or "gemma4" && pre != "kimi-k2")
            metadata.Complain($"the tokenizer '{tokenizer}' needs merges and the file has none (tokenizer.ggml.merges)", 0);
        if (metadata.Problem is not null) return 0;

        Texts(ref metadata, prefix, tokens, types, tokenizer is "llama" or "t5" or "plamo2");
        foreach (var name in s_ids)
            if (metadata.UInt32($"tokenizer.ggml.{name}_token_id") is { } id and not None && id >= tokens.Count)
                metadata.Complain($"tokenizer.ggml.{name}_token_id is {id} and the vocabulary has {tokens.Count} tokens", metadata.OffsetOf($"tokenizer.ggml.{name}_token_id"));
        Ends(ref metadata, tokenizer, tokens.Count);
        return tokens.Count;
    }

    /// <summary>A begin or end that llama.cpp is to add must exist, else it aborts at the first prompt.</summary>
    private static void Ends(ref GgufMetadata metadata, string tokenizer, int count)
    {
        var (bos, eos, adds) = tokenizer switch
        {
            "llama" => (1u, 2u, true),
            "plamo2" => (1u, 2u, false),
            "bert" => (101u, None, true),
            "t5" => (None, 1u, false),
            "gpt2" or "hybriddna" or "whitespace" => (11u, 11u, false),
            _ => (None, None, false),
        };
        var hasBos = Known(metadata.UInt32("tokenizer.ggml.bos_token_id"), bos, count);
        var hasEos = Known(metadata.UInt32("tokenizer.ggml.eos_token_id"), eos, count);
        if ((metadata.Flag("tokenizer.ggml.add_bos_token") ?? adds) && !hasBos)
            metadata.Complain("every prompt is to begin with a token that the vocabulary does not have (tokenizer.ggml.bos_token_id)", metadata.OffsetOf("tokenizer.ggml.add_bos_token"));
        if ((metadata.Flag("tokenizer.ggml.add_eos_token") ?? tokenizer == "t5") && !hasEos)
            metadata.Complain("every prompt is to end with a token that the vocabulary does not have (tokenizer.ggml.eos_token_id)", metadata.OffsetOf("tokenizer.ggml.add_eos_token"));
        if (tokenizer == "bert" && !Known(metadata.UInt32("tokenizer.ggml.seperator_token_id"), 102, count))
            metadata.Complain("the vocabulary has no separator token (tokenizer.ggml.seperator_token_id)", 0);
    }

    private static bool Known(uint? id, uint otherwise, int count) => (id is null or None ? otherwise : id.Value) < count;

    private static void SameLength(ref GgufMetadata metadata, string name, int tokens, GgufValue? list)
    {
        if (list is { } value && value.Count != tokens)
            metadata.Complain($"tokenizer.ggml.{name} has {value.Count} entries for {tokens} tokens", value.Offset);
    }

    /// <summary>No two tokens may have the same text (an assertion in llama.cpp), and byte tokens must begin like <c>&lt;0x0A&gt;</c>: it reads the two digits and nothing else.</summary>
    private static void Texts(ref GgufMetadata metadata, ReadOnlySpan<byte> prefix, GgufValue tokens, GgufValue? types, bool hasByteTokens)
    {
        var seen = new (ulong Hash, int Offset, int Length)[tokens.Count];
        var position = tokens.Offset;
        for (var i = 0; i < tokens.Count; i++)
        {
            var length = (int)BinaryPrimitives.ReadUInt64LittleEndian(prefix[position..]);
            var text = prefix.Slice(position + 8, length);

            // llama.cpp names an empty token by its number, so empty ones never collide
            seen[i] = length == 0 ? ((ulong)i, position + 8, -1) : (Hash(text), position + 8, length);
            if (hasByteTokens && types is { } kinds && BinaryPrimitives.ReadInt32LittleEndian(prefix[(kinds.Offset + i * 4)..]) == ByteToken && !IsByte(text))
                metadata.Complain($"token {i} is marked as a byte and its text does not begin like <0x0A>", position);
            position += 8 + length;
        }

        Array.Sort(seen, static (a, b) => a.Hash.CompareTo(b.Hash));
        for (var i = 1; i < seen.Length; i++)
        {
            for (var j = i - 1; j >= 0 && i - j < 16 && seen[j].Hash == seen[i].Hash; j--)
                if (seen[j].Length == seen[i].Length && seen[i].Length > 0 && prefix.Slice(seen[j].Offset, seen[j].Length).SequenceEqual(prefix.Slice(seen[i].Offset, seen[i].Length)))
                    metadata.Complain("two tokens of the vocabulary have the same text", Math.Max(seen[i].Offset, seen[j].Offset));
        }
    }

    private static bool IsByte(ReadOnlySpan<byte> text) =>
        text.Length >= 6 && text.StartsWith("<0x"u8) && char.IsAsciiHexDigit((char)text[3]) && char.IsAsciiHexDigit((char)text[4]) && text[5] == '>';

    /// <summary>FNV-1a with a final mix. Not against attackers: equal hashes are compared byte by byte.</summary>
    private static ulong Hash(ReadOnlySpan<byte> text)
    {
        var hash = 14695981039346656037UL;
        foreach (var b in text) hash = (hash ^ b) * 1099511628211UL;
        return BitOperations.RotateLeft(hash ^ hash >> 33, 17) * 0x9E3779B97F4A7C15UL;
    }
}
