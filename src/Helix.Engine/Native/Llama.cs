using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Helix.Engine.Native;

/// <summary>The functions of llama.cpp that helix calls, by their own names. Handles are plain pointers; their owners free them.</summary>
internal static unsafe partial class Llama
{
    private const string Library = LlamaLibrary.Llama;

    [LibraryImport(LlamaLibrary.Ggml), UnmanagedCallConv(CallConvs = [typeof(CallConvCdecl)])]
    internal static partial void ggml_backend_load_all_from_path(byte* folder);

    [LibraryImport(LlamaLibrary.Ggml), UnmanagedCallConv(CallConvs = [typeof(CallConvCdecl)])]
    internal static partial nuint ggml_backend_dev_count();

    [LibraryImport(LlamaLibrary.Ggml), UnmanagedCallConv(CallConvs = [typeof(CallConvCdecl)])]
    internal static partial void* ggml_backend_dev_get(nuint index);

    [LibraryImport(LlamaLibrary.GgmlBase), UnmanagedCallConv(CallConvs = [typeof(CallConvCdecl)])]
    internal static partial int ggml_backend_dev_type(void* device);

    [LibraryImport(LlamaLibrary.GgmlBase), UnmanagedCallConv(CallConvs = [typeof(CallConvCdecl)])]
    internal static partial byte* ggml_backend_dev_name(void* device);

    [LibraryImport(LlamaLibrary.GgmlBase), UnmanagedCallConv(CallConvs = [typeof(CallConvCdecl)])]
    internal static partial byte* ggml_backend_dev_description(void* device);

    [LibraryImport(LlamaLibrary.GgmlBase), UnmanagedCallConv(CallConvs = [typeof(CallConvCdecl)])]
    internal static partial void ggml_backend_dev_memory(void* device, nuint* free, nuint* total);

    [LibraryImport(LlamaLibrary.GgmlBase), UnmanagedCallConv(CallConvs = [typeof(CallConvCdecl)])]
    internal static partial byte* ggml_get_name(TensorHead* tensor);

    [LibraryImport(LlamaLibrary.GgmlBase), UnmanagedCallConv(CallConvs = [typeof(CallConvCdecl)])]
    internal static partial void* ggml_backend_buffer_get_base(void* buffer);

    [LibraryImport(LlamaLibrary.GgmlBase), UnmanagedCallConv(CallConvs = [typeof(CallConvCdecl)])]
    internal static partial nuint ggml_backend_buffer_get_size(void* buffer);

    [LibraryImport(LlamaLibrary.GgmlBase), UnmanagedCallConv(CallConvs = [typeof(CallConvCdecl)])]
    internal static partial byte ggml_backend_buffer_is_host(void* buffer);

    [LibraryImport(Library), UnmanagedCallConv(CallConvs = [typeof(CallConvCdecl)])]
    internal static partial void llama_backend_init();

    [LibraryImport(Library), UnmanagedCallConv(CallConvs = [typeof(CallConvCdecl)])]
    internal static partial void llama_log_set(delegate* unmanaged[Cdecl]<int, byte*, void*, void> callback, void* data);

    [LibraryImport(Library), UnmanagedCallConv(CallConvs = [typeof(CallConvCdecl)])]
    internal static partial byte* llama_version();

    [LibraryImport(Library), UnmanagedCallConv(CallConvs = [typeof(CallConvCdecl)])]
    internal static partial ModelParams llama_model_default_params();

    [LibraryImport(Library), UnmanagedCallConv(CallConvs = [typeof(CallConvCdecl)])]
    internal static partial ContextParams llama_context_default_params();

    [LibraryImport(Library), UnmanagedCallConv(CallConvs = [typeof(CallConvCdecl)])]
    internal static partial void* llama_model_load_from_file(byte* path, ModelParams parameters);

    [LibraryImport(Library), UnmanagedCallConv(CallConvs = [typeof(CallConvCdecl)])]
    internal static partial void llama_model_free(void* model);

    [LibraryImport(Library), UnmanagedCallConv(CallConvs = [typeof(CallConvCdecl)])]
    internal static partial void* llama_model_get_vocab(void* model);

    [LibraryImport(Library), UnmanagedCallConv(CallConvs = [typeof(CallConvCdecl)])]
    internal static partial int llama_model_n_ctx_train(void* model);

    [LibraryImport(Library), UnmanagedCallConv(CallConvs = [typeof(CallConvCdecl)])]
    internal static partial int llama_model_n_embd_out(void* model);

    [LibraryImport(Library), UnmanagedCallConv(CallConvs = [typeof(CallConvCdecl)])]
    internal static partial ulong llama_model_size(void* model);

    [LibraryImport(Library), UnmanagedCallConv(CallConvs = [typeof(CallConvCdecl)])]
    internal static partial ulong llama_model_n_params(void* model);

    [LibraryImport(Library), UnmanagedCallConv(CallConvs = [typeof(CallConvCdecl)])]
    internal static partial byte llama_model_has_encoder(void* model);

    [LibraryImport(Library), UnmanagedCallConv(CallConvs = [typeof(CallConvCdecl)])]
    internal static partial byte llama_model_has_decoder(void* model);

    [LibraryImport(Library), UnmanagedCallConv(CallConvs = [typeof(CallConvCdecl)])]
    internal static partial byte llama_model_is_recurrent(void* model);

    [LibraryImport(Library), UnmanagedCallConv(CallConvs = [typeof(CallConvCdecl)])]
    internal static partial byte llama_model_is_hybrid(void* model);

    [LibraryImport(Library), UnmanagedCallConv(CallConvs = [typeof(CallConvCdecl)])]
    internal static partial int llama_model_meta_val_str(void* model, byte* key, byte* buffer, nuint size);

    [LibraryImport(Library), UnmanagedCallConv(CallConvs = [typeof(CallConvCdecl)])]
    internal static partial byte* llama_model_chat_template(void* model, byte* name);

    [LibraryImport(Library), UnmanagedCallConv(CallConvs = [typeof(CallConvCdecl)])]
    internal static partial void* llama_init_from_model(void* model, ContextParams parameters);

    [LibraryImport(Library), UnmanagedCallConv(CallConvs = [typeof(CallConvCdecl)])]
    internal static partial void llama_free(void* context);

    [LibraryImport(Library), UnmanagedCallConv(CallConvs = [typeof(CallConvCdecl)])]
    internal static partial void* llama_get_memory(void* context);

    [LibraryImport(Library), UnmanagedCallConv(CallConvs = [typeof(CallConvCdecl)])]
    internal static partial byte llama_memory_seq_rm(void* memory, int sequence, int from, int to);

    [LibraryImport(Library), UnmanagedCallConv(CallConvs = [typeof(CallConvCdecl)])]
    internal static partial void llama_memory_seq_cp(void* memory, int source, int target, int from, int to);

    [LibraryImport(Library), UnmanagedCallConv(CallConvs = [typeof(CallConvCdecl)])]
    internal static partial int llama_memory_seq_pos_max(void* memory, int sequence);

    [LibraryImport(Library), UnmanagedCallConv(CallConvs = [typeof(CallConvCdecl)])]
    internal static partial nuint llama_state_seq_get_size(void* context, int sequence);

    [LibraryImport(Library), UnmanagedCallConv(CallConvs = [typeof(CallConvCdecl)])]
    internal static partial nuint llama_state_seq_get_data(void* context, byte* target, nuint size, int sequence);

    [LibraryImport(Library), UnmanagedCallConv(CallConvs = [typeof(CallConvCdecl)])]
    internal static partial nuint llama_state_seq_set_data(void* context, byte* source, nuint size, int sequence);

    [LibraryImport(Library), UnmanagedCallConv(CallConvs = [typeof(CallConvCdecl)])]
    internal static partial int llama_decode(void* context, Batch batch);

    [LibraryImport(Library), UnmanagedCallConv(CallConvs = [typeof(CallConvCdecl)])]
    internal static partial float* llama_get_logits_ith(void* context, int index);

    [LibraryImport(Library), UnmanagedCallConv(CallConvs = [typeof(CallConvCdecl)])]
    internal static partial float* llama_get_embeddings_seq(void* context, int sequence);

    [LibraryImport(Library), UnmanagedCallConv(CallConvs = [typeof(CallConvCdecl)])]
    internal static partial int llama_vocab_n_tokens(void* vocabulary);

    [LibraryImport(Library), UnmanagedCallConv(CallConvs = [typeof(CallConvCdecl)])]
    internal static partial byte llama_vocab_is_eog(void* vocabulary, int token);

    [LibraryImport(Library), UnmanagedCallConv(CallConvs = [typeof(CallConvCdecl)])]
    internal static partial int llama_tokenize(void* vocabulary, byte* text, int length, int* tokens, int room, byte addSpecial, byte parseSpecial);

    [LibraryImport(Library), UnmanagedCallConv(CallConvs = [typeof(CallConvCdecl)])]
    internal static partial int llama_token_to_piece(void* vocabulary, int token, byte* buffer, int length, int leftStrip, byte special);

    [LibraryImport(Library), UnmanagedCallConv(CallConvs = [typeof(CallConvCdecl)])]
    internal static partial int llama_chat_apply_template(byte* template, ChatMessageView* messages, nuint count, byte addAssistant, byte* buffer, int length);

    [LibraryImport(Library), UnmanagedCallConv(CallConvs = [typeof(CallConvCdecl)])]
    internal static partial int llama_chat_builtin_templates(byte** names, nuint room);

    [LibraryImport(Library), UnmanagedCallConv(CallConvs = [typeof(CallConvCdecl)])]
    internal static partial void* llama_sampler_chain_init(SamplerChainParams parameters);

    [LibraryImport(Library), UnmanagedCallConv(CallConvs = [typeof(CallConvCdecl)])]
    internal static partial void llama_sampler_chain_add(void* chain, void* sampler);

    [LibraryImport(Library), UnmanagedCallConv(CallConvs = [typeof(CallConvCdecl)])]
    internal static partial void llama_sampler_free(void* sampler);

    [LibraryImport(Library), UnmanagedCallConv(CallConvs = [typeof(CallConvCdecl)])]
    internal static partial void llama_sampler_accept(void* sampler, int token);

    [LibraryImport(Library), UnmanagedCallConv(CallConvs = [typeof(CallConvCdecl)])]
    internal static partial void llama_sampler_apply(void* sampler, TokenDataArray* candidates);

    [LibraryImport(Library), UnmanagedCallConv(CallConvs = [typeof(CallConvCdecl)])]
    internal static partial void* llama_sampler_init_greedy();

    [LibraryImport(Library), UnmanagedCallConv(CallConvs = [typeof(CallConvCdecl)])]
    internal static partial void* llama_sampler_init_dist(uint seed);

    [LibraryImport(Library), UnmanagedCallConv(CallConvs = [typeof(CallConvCdecl)])]
    internal static partial void* llama_sampler_init_temp(float temperature);

    [LibraryImport(Library), UnmanagedCallConv(CallConvs = [typeof(CallConvCdecl)])]
    internal static partial void* llama_sampler_init_top_k(int k);

    [LibraryImport(Library), UnmanagedCallConv(CallConvs = [typeof(CallConvCdecl)])]
    internal static partial void* llama_sampler_init_top_p(float p, nuint keep);

    [LibraryImport(Library), UnmanagedCallConv(CallConvs = [typeof(CallConvCdecl)])]
    internal static partial void* llama_sampler_init_min_p(float p, nuint keep);

    [LibraryImport(Library), UnmanagedCallConv(CallConvs = [typeof(CallConvCdecl)])]
    internal static partial void* llama_sampler_init_penalties(int vocabulary, int last, float repeat, float frequency, float presence);

    [LibraryImport(Library), UnmanagedCallConv(CallConvs = [typeof(CallConvCdecl)])]
    internal static partial void* llama_sampler_init_grammar(void* vocabulary, byte* grammar, byte* root);
}
