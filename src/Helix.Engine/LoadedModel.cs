using System.Globalization;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text;
using Helix.Engine.Native;

namespace Helix.Engine;

/// <summary>A model in memory: its facts, its vocabulary and its chat template. Reading is thread-safe; free it after every context made from it.</summary>
internal sealed unsafe class LoadedModel : IDisposable
{
    private const int NoPooling = 0;
    private const int RankPooling = 4;

    private void* _handle;

    private LoadedModel(void* handle, string fallbackName, bool inHostMemory)
    {
        _handle = handle;
        InHostMemory = inHostMemory;
        Vocabulary = new Vocabulary(Llama.llama_model_get_vocab(handle));
        var template = Llama.llama_model_chat_template(handle, null);
        Chat = new ChatTemplate(template == null ? null : Marshal.PtrToStringUTF8((nint)template));
        var architecture = Fact("general.architecture");
        DeclaredPooling = int.TryParse(Fact($"{architecture}.pooling_type"), CultureInfo.InvariantCulture, out var pooling) && pooling != NoPooling ? pooling : null;
        var encodes = Llama.llama_model_has_encoder(handle) != 0;
        var decodes = Llama.llama_model_has_decoder(handle) != 0;
        var causal = Fact($"{architecture}.attention.causal") != "false";
        Facts = new ModelFacts(
            Fact("general.name") is { Length: > 0 } name ? name : fallbackName,
            Llama.llama_model_n_ctx_train(handle),
            (long)Llama.llama_model_n_params(handle),
            (long)Llama.llama_model_size(handle),
            Llama.llama_model_n_embd_out(handle),
            Chat.Name,
            Chat.Text,
            Generates: decodes && !encodes && causal && DeclaredPooling is null,
            ForgetsPart: Llama.llama_model_is_recurrent(handle) == 0 && Llama.llama_model_is_hybrid(handle) == 0,
            Embeds: !(encodes && decodes) && DeclaredPooling != RankPooling);
    }

    public ModelFacts Facts { get; }

    public Vocabulary Vocabulary { get; }

    public ChatTemplate Chat { get; }

    /// <summary>How the model itself wants the vectors of its tokens made into one; null if it does not say.</summary>
    public int? DeclaredPooling { get; }

    /// <summary>No layer of it is on a device, and neither is the memory of its contexts.</summary>
    public bool InHostMemory { get; }

    internal void* Handle => _handle;

    /// <summary>Loads a GGUF file; call after <see cref="LlamaLibrary.Load"/>. A malformed file may end the whole process.</summary>
    public static LoadOutcome Load(ModelLoad load)
    {
        if (!File.Exists(load.Path))
            return new LoadOutcome.Failed($"There is no file {load.Path}.");
        LlamaLog.TakeErrors();
        var progress = GCHandle.Alloc(load.Progress);
        try
        {
            var parameters = Llama.llama_model_default_params();
            parameters.UseExtraBuffers = load.Repack ? (byte)1 : (byte)0;
            // below zero means all, which is also the default
            parameters.GpuLayers = load.GpuLayers ?? -1;
            parameters.ProgressCallback = &ReportProgress;
            parameters.ProgressCallbackData = (void*)GCHandle.ToIntPtr(progress);
            fixed (byte* path = LlamaLibrary.Utf8(load.Path))
            {
                var handle = Llama.llama_model_load_from_file(path, parameters);
                return handle == null ? new LoadOutcome.Failed(Reason(load.Path)) : new LoadOutcome.Loaded(new LoadedModel(handle, Path.GetFileNameWithoutExtension(load.Path), load.GpuLayers == 0 || ComputeDevice.Used().Count == 0));
            }
        }
        finally
        {
            progress.Free();
        }
    }

    public void Dispose()
    {
        if (_handle != null)
            Llama.llama_model_free(_handle);
        _handle = null;
    }

    private static string Reason(string path)
    {
        // the most telling line carries this mark; the ones after it only say that loading failed
        const string Mark = "error loading model: ";
        var errors = LlamaLog.TakeErrors();
        var told = errors.FirstOrDefault(line => line.Contains(Mark, StringComparison.Ordinal));
        var reason = told is null ? errors.FirstOrDefault() : told[(told.IndexOf(Mark, StringComparison.Ordinal) + Mark.Length)..];
        return $"{path} cannot be loaded: {reason ?? "llama.cpp gave no reason"}";
    }

    private string? Fact(string key)
    {
        Span<byte> value = stackalloc byte[512];
        fixed (byte* name = LlamaLibrary.Utf8(key), buffer = value)
        {
            var length = Llama.llama_model_meta_val_str(_handle, name, buffer, (nuint)value.Length);
            return length < 0 ? null : Encoding.UTF8.GetString(value[..Math.Min(length, value.Length - 1)]);
        }
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static byte ReportProgress(float share, void* data)
    {
        (GCHandle.FromIntPtr((nint)data).Target as Action<float>)?.Invoke(share);
        return 1;
    }
}
