namespace Helix.Core.Models;

/// <summary>The shape of a model's attention, and what a token of context costs.</summary>
internal readonly record struct GgufAttention(int Heads, int KeyValueHeads, long KvBytesPerToken)
{
    private const uint MaxHeads = 1 << 16;
    private const int BytesPerNumber = 2;

    public static GgufAttention Read(ref GgufMetadata metadata, string architecture, uint embedding, int blocks, bool none)
    {
        if (none) return default;
        var heads = metadata.PerLayer($"{architecture}.attention.head_count", blocks);
        if (heads is null)
        {
            metadata.Complain($"the file does not say {architecture}.attention.head_count", 0);
            return default;
        }

        var keyValueHeads = metadata.PerLayer($"{architecture}.attention.head_count_kv", blocks) ?? heads;
        var most = heads.Max();
        if (most == 0 || most > MaxHeads || keyValueHeads.Max() > MaxHeads)
        {
            metadata.Complain($"{architecture}.attention.head_count is impossible ({most})", metadata.OffsetOf($"{architecture}.attention.head_count"));
            return default;
        }

        for (var i = 0; i < blocks; i++)
            if (keyValueHeads[i] > 0 && heads[i] % keyValueHeads[i] != 0)
                metadata.Complain($"layer {i} has {heads[i]} heads, not a multiple of its {keyValueHeads[i]} key-value heads", metadata.OffsetOf($"{architecture}.attention.head_count_kv"));

        // llama.cpp takes the first layer's heads here; a hybrid model may have none there
        var otherwise = embedding / (heads[0] == 0 ? most : heads[0]);
        var key = metadata.UInt32($"{architecture}.attention.key_length") ?? otherwise;
        var value = metadata.UInt32($"{architecture}.attention.value_length") ?? otherwise;
        var rotary = metadata.UInt32($"{architecture}.rope.dimension_count") ?? key;
        if (key > 1 << 20 || value > 1 << 20) metadata.Complain($"{architecture}.attention.key_length or value_length is impossible", metadata.OffsetOf($"{architecture}.attention.key_length"));
        if (architecture == "llama" && (key != value || key != rotary || key == 0))
            metadata.Complain($"the lengths of keys ({key}), values ({value}) and rotations ({rotary}) have to be equal in a llama model", metadata.OffsetOf("llama.rope.dimension_count"));
        if (rotary % 2 != 0) metadata.Complain($"{architecture}.rope.dimension_count is odd", metadata.OffsetOf($"{architecture}.rope.dimension_count"));

        var perLayer = keyValueHeads.Sum(static heads => (long)heads);
        if (metadata.UInt32($"{architecture}.full_attention_interval") is > 0 and var interval && interval <= blocks)
            perLayer = perLayer / blocks * (blocks / interval);
        return new GgufAttention((int)most, (int)keyValueHeads.Max(), perLayer * (key + value) * BytesPerNumber);
    }
}
