namespace Helix.Engine.Native;

/// <summary>
/// Compares the defaults that a library fills in with those known of its release. A field that moved, came or went shows as a wrong value,
/// before any call could write where it should not.
/// </summary>
internal static unsafe class LayoutCheck
{
    private const int ModelParamsSize = 80;
    private const int ContextParamsSize = 160;
    private const int HalfPrecision = 1;
    private const int DefaultThreads = 4;

    /// <summary>Null if all is as expected, else the first field that is not.</summary>
    public static string? Compare(ModelParams model, ContextParams context)
    {
        if (sizeof(ModelParams) != ModelParamsSize || sizeof(ContextParams) != ContextParamsSize)
            return $"structures of {sizeof(ModelParams)} and {sizeof(ContextParams)} bytes instead of {ModelParamsSize} and {ContextParamsSize}";
        return Model(model) ?? Context(context);
    }

    private static string? Model(ModelParams actual) =>
        Field("model.n_gpu_layers", actual.GpuLayers, -1)
        ?? Field("model.split_mode", actual.SplitMode, 1)
        ?? Field("model.load_mode", actual.LoadMode, -1)
        ?? Field("model.lazy_mode", actual.LazyMode, 1)
        ?? Field("model.main_gpu", actual.MainGpu, 0)
        ?? Field("model pointers", Zero(actual.Devices, actual.TensorBufferOverrides, actual.TensorSplit, actual.ProgressCallback, actual.ProgressCallbackData, actual.KeyValueOverrides), 1)
        ?? Field("model switches", Bits(actual.VocabularyOnly, actual.CheckTensors, actual.UseExtraBuffers, actual.NoHost, actual.NoAlloc, actual.LoadMtp), 0b000100);

    private static string? Context(ContextParams actual) =>
        Field("context.n_ctx", actual.Context, 512)
        ?? Field("context.n_batch", actual.Batch, 2048)
        ?? Field("context.n_ubatch", actual.MicroBatch, 512)
        ?? Field("context.n_seq_max", actual.Sequences, 1)
        ?? Field("context.n_rs_seq", actual.RecurrentSnapshots, 0)
        ?? Field("context.n_outputs_max", actual.OutputsMax, 0)
        ?? Field("context.n_outputs_max_per_seq", actual.OutputsMaxPerSequence, 1)
        ?? Field("context.n_threads", actual.Threads, DefaultThreads)
        ?? Field("context.n_threads_batch", actual.ThreadsBatch, DefaultThreads)
        ?? Field("context.ctx_type", actual.ContextType, 0)
        ?? Field("context.rope_scaling_type", actual.RopeScaling, -1)
        ?? Field("context.pooling_type", actual.Pooling, -1)
        ?? Field("context.attention_type", actual.Attention, -1)
        ?? Field("context.flash_attn_type", actual.FlashAttention, -1)
        ?? Field("context.rope_freq_base", actual.RopeFrequencyBase, 0)
        ?? Field("context.rope_freq_scale", actual.RopeFrequencyScale, 0)
        ?? Field("context.yarn_ext_factor", actual.YarnExtFactor, -1)
        ?? Field("context.yarn_attn_factor", actual.YarnAttnFactor, -1)
        ?? Field("context.yarn_beta_fast", actual.YarnBetaFast, -1)
        ?? Field("context.yarn_beta_slow", actual.YarnBetaSlow, -1)
        ?? Field("context.yarn_orig_ctx", actual.YarnOriginalContext, 0)
        ?? Field("context.defrag_thold", actual.DefragThreshold, -1)
        ?? Field("context.type_k", actual.TypeK, HalfPrecision)
        ?? Field("context.type_v", actual.TypeV, HalfPrecision)
        ?? Field("context pointers", Zero(actual.EvalCallback, actual.EvalCallbackData, actual.AbortCallback, actual.AbortCallbackData, actual.Samplers, actual.OtherContext), 1)
        ?? Field("context switches", Bits(actual.Embeddings, actual.OffloadKqv, actual.NoPerf, actual.OpOffload, actual.SlidingWindowFull, actual.KvUnified), 0b011110)
        ?? Field("context.n_samplers", actual.SamplerCount, 0);

    private static string? Field(string name, double actual, double expected) =>
        actual.Equals(expected) ? null : $"{name} is {actual}, expected {expected}";

    private static int Zero(void* a, void* b, void* c, void* d, void* e, void* f) =>
        a == null && b == null && c == null && d == null && e == null && f == null ? 1 : 0;

    private static int Bits(params ReadOnlySpan<byte> switches)
    {
        var bits = 0;
        for (var i = 0; i < switches.Length; i++)
            bits |= switches[i] << i;
        return bits;
    }
}
