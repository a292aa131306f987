namespace Helix.Core.Models;

/// <summary>Turns the checked keys of a header into facts; refuses what llama.cpp v0.4.0 answers with an assertion.</summary>
internal static class GgufModel
{
    /// <summary>LLAMA_MAX_LAYERS.</summary>
    private const uint MaxBlocks = 512;

    /// <summary>LLAMA_MAX_EXPERTS.</summary>
    private const uint MaxExperts = 1024;

    private const int MaxTemplateBytes = 1 << 20;

    private static readonly string[] s_encoders =
    [
        "bert", "modern-bert", "nomic-bert", "nomic-bert-moe", "neo-bert", "jina-bert-v2", "jina-bert-v3", "eurobert", "gemma-embedding", "llama-embed", "t5encoder",
    ];

    private static readonly string[] s_withoutAttention = ["mamba", "mamba2", "rwkv6", "rwkv6qwen2", "rwkv7", "arwkv7"];

    private static readonly string[] s_ropeScalings = ["none", "linear", "yarn", "longrope"];

    public static GgufReading Interpret(ref GgufMetadata metadata, ReadOnlySpan<byte> prefix, GgufTensors.Table table, int parts)
    {
        var architecture = metadata.Text("general.architecture", 64);
        if (string.IsNullOrEmpty(architecture)) metadata.Complain("the file does not say its architecture (general.architecture)", 0);
        var kind = metadata.Text("general.type", 64) ?? "model";
        if (kind != "model") metadata.Complain($"this is {(kind == "mmproj" ? "a vision projector" : $"of the kind '{kind}'")}, not a model by itself", metadata.OffsetOf("general.type"));
        if (architecture == "clip") metadata.Complain("this is a vision projector, not a model by itself", metadata.OffsetOf("general.architecture"));
        if (metadata.Problem is not null) return Refused;

        var context = Required(ref metadata, $"{architecture}.context_length", 1 << 30);
        var embedding = Required(ref metadata, $"{architecture}.embedding_length", 1 << 24);
        var blocks = Required(ref metadata, $"{architecture}.block_count", MaxBlocks);
        var tokenizer = metadata.Text("tokenizer.ggml.model", 64);
        if (tokenizer is null) metadata.Complain("the file does not say its tokenizer (tokenizer.ggml.model)", 0);
        if (metadata.UInt32($"{architecture}.nextn_predict_layers") > blocks) metadata.Complain($"{architecture}.nextn_predict_layers is larger than the number of layers", metadata.OffsetOf($"{architecture}.nextn_predict_layers"));
        if (metadata.Text($"{architecture}.rope.scaling.type", 64) is { } scaling && !s_ropeScalings.Contains(scaling))
            metadata.Complain($"{architecture}.rope.scaling.type is '{scaling}', which llama.cpp does not know", metadata.OffsetOf($"{architecture}.rope.scaling.type"));
        if (metadata.Problem is not null) return Refused;

        var experts = Experts(ref metadata, architecture!, (int)blocks);
        var attention = GgufAttention.Read(ref metadata, architecture!, embedding, (int)blocks, s_withoutAttention.Contains(architecture));
        if (metadata.Problem is not null) return Refused;
        var vocabulary = GgufVocabulary.Check(ref metadata, prefix, tokenizer!);

        return new GgufReading.Model(new ModelFacts(
            architecture!,
            metadata.Text("general.name", 4096),
            table.Parameters,
            FileType(ref metadata) ?? table.DominantType ?? "unknown",
            (int)context,
            (int)embedding,
            (int)blocks,
            attention.Heads,
            attention.KeyValueHeads,
            experts,
            attention.KvBytesPerToken,
            vocabulary,
            tokenizer!,
            metadata.Text("tokenizer.chat_template", MaxTemplateBytes),
            Role(ref metadata, architecture!, table.HasHead),
            metadata.Text("general.license", 4096),
            parts));
    }

    /// <summary>Stands in where <see cref="GgufMetadata.Problem"/> holds the reason.</summary>
    private static GgufReading.Bad Refused { get; } = new("", 0);

    private static uint Required(ref GgufMetadata metadata, string key, uint most)
    {
        var value = metadata.UInt32(key);
        if (value is null) metadata.Complain($"the file does not say {key}", 0);
        else if (value == 0 || value > most) metadata.Complain($"{key} is {value}; 1 to {most} is possible", metadata.OffsetOf(key));
        return value ?? 0;
    }

    private static int Experts(ref GgufMetadata metadata, string architecture, int blocks)
    {
        var count = metadata.UInt32($"{architecture}.expert_count") ?? 0;
        var used = metadata.PerLayer($"{architecture}.expert_used_count", blocks)?.Max() ?? 0;
        var groups = metadata.UInt32($"{architecture}.expert_group_count") ?? 0;
        var usedGroups = metadata.UInt32($"{architecture}.expert_group_used_count") ?? 0;

        // these two write a single expert for none
        if (architecture is "hunyuan_vl" or "hunyuan-dense" && count <= 1) return 0;
        var possible = count == 0
            ? used == 0 && groups == 0
            : count <= MaxExperts && used > 0 && used <= count && groups < count && (groups <= 1 || count % groups == 0 && usedGroups > 0 && usedGroups < groups);
        if (!possible)
            metadata.Complain($"the expert counts do not fit together ({count} experts, {used} used, {groups} groups, {usedGroups} used)", metadata.OffsetOf($"{architecture}.expert_count"));
        return (int)count;
    }

    private static string? FileType(ref GgufMetadata metadata) => metadata.UInt32("general.file_type") is { } number ? GgmlType.FileTypeName(number) : null;

    private static ModelRole Role(ref GgufMetadata metadata, string architecture, bool hasHead)
    {
        // llama.cpp's pooling types: 0 none, 1 mean, 2 first token, 3 last token, 4 rank
        return metadata.UInt32($"{architecture}.pooling_type") switch
        {
            4 => ModelRole.Reranking,
            1 or 2 or 3 => ModelRole.Embedding,
            // older conversions do not say what the layer is for
            _ when hasHead => ModelRole.Reranking,
            _ => s_encoders.Contains(architecture) ? ModelRole.Embedding : ModelRole.Generation,
        };
    }
}
