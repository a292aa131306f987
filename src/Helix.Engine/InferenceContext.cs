using System.Runtime.InteropServices;
using Helix.Engine.Native;
using Helix.Engine.Scheduling;

namespace Helix.Engine;

/// <summary>What came of a step.</summary>
internal enum StepResult
{
    Done,

    /// <summary>Stopped on request; what is in memory may be less than was asked.</summary>
    Aborted,
}

/// <summary>llama.cpp's working memory for some sequences, and the batch that is computed next. Used by one thread only.</summary>
internal sealed unsafe class InferenceContext : IDisposable
{
    private readonly AbortFlag _abort;
    private readonly UntouchedMemory? _untouched;
    private readonly int* _sequences;
    private void* _handle;
    private Batch _batch;

    private InferenceContext(void* handle, int room, AbortFlag abort, UntouchedMemory? untouched)
    {
        _handle = handle;
        _abort = abort;
        _untouched = untouched;
        _sequences = (int*)NativeMemory.AllocZeroed((nuint)room, sizeof(int));
        _batch = new Batch
        {
            Token = (int*)NativeMemory.AllocZeroed((nuint)room, sizeof(int)),
            Position = (int*)NativeMemory.AllocZeroed((nuint)room, sizeof(int)),
            SequenceCount = (int*)NativeMemory.AllocZeroed((nuint)room, sizeof(int)),
            SequenceIds = (int**)NativeMemory.AllocZeroed((nuint)room, (nuint)sizeof(int*)),
            Output = (sbyte*)NativeMemory.AllocZeroed((nuint)room, sizeof(sbyte)),
        };
        for (var i = 0; i < room; i++)
        {
            _batch.SequenceCount[i] = 1;
            _batch.SequenceIds[i] = _sequences + i;
        }
    }

    public int BatchCount => _batch.TokenCount;

    /// <summary>After the first step: its memory takes room only as far as it was written.</summary>
    public bool TakesWhatItTouched => _untouched is { GivenBack: true };

    /// <summary>For answers: each slot is a sequence with its own memory.</summary>
    /// <param name="room">Most tokens of one step.</param>
    /// <exception cref="InvalidOperationException">There is not enough memory, or the model cannot be run; the message says which.</exception>
    public static InferenceContext ForAnswers(LoadedModel model, SchedulerSettings settings, int room, AbortFlag abort) => Make(model, room, abort, UntouchedMemory.IsFor(model) ? new UntouchedMemory() : null, parameters =>
    {
        parameters.Context = (uint)(settings.Context * settings.Slots);
        parameters.Sequences = (uint)settings.Slots;
        parameters.OutputsMax = (uint)settings.Slots;
        parameters.Threads = parameters.ThreadsBatch = settings.Threads;
        return parameters;
    });

    /// <summary>For the embedding of one text of at most <paramref name="room"/> tokens.</summary>
    /// <exception cref="InvalidOperationException">There is not enough memory, or the model has no embeddings to give.</exception>
    public static InferenceContext ForEmbeddings(LoadedModel model, int room, int threads, AbortFlag abort)
    {
        const int MeanPooling = 1;
        return Make(model, room, abort, null, parameters =>
        {
            parameters.Context = (uint)room;
            parameters.Embeddings = 1;
            if (model.DeclaredPooling is null)
                parameters.Pooling = MeanPooling;
            parameters.Threads = parameters.ThreadsBatch = threads;
            return parameters;
        });
    }

    public void ClearBatch() => _batch.TokenCount = 0;

    /// <summary>Adds a token to the batch; there must be room.</summary>
    /// <param name="output">True if its successor, or its vector, is wanted.</param>
    public void Add(int token, int position, int sequence, bool output)
    {
        var at = _batch.TokenCount++;
        _batch.Token[at] = token;
        _batch.Position[at] = position;
        _sequences[at] = sequence;
        _batch.Output[at] = output ? (sbyte)1 : (sbyte)0;
    }

    /// <summary>Computes the batch.</summary>
    /// <exception cref="InvalidOperationException">llama.cpp cannot go on; neither can whoever uses it.</exception>
    public StepResult Compute()
    {
        const int Aborted = 2;
        var result = Llama.llama_decode(_handle, _batch);
        _untouched?.Close();
        return result switch
        {
            0 => StepResult.Done,
            Aborted => StepResult.Aborted,
            _ => throw new InvalidOperationException($"llama.cpp failed to compute {_batch.TokenCount} tokens (code {result}). {LlamaLog.LastError}".TrimEnd()),
        };
    }

    /// <summary>The model's opinion of every token as successor of the batch's token at <paramref name="index"/>; valid until the next step.</summary>
    public float* Logits(int index) => Llama.llama_get_logits_ith(_handle, index);

    /// <summary>The vector of the one sequence that was computed.</summary>
    public ReadOnlySpan<float> Embedding(int length)
    {
        var vector = Llama.llama_get_embeddings_seq(_handle, 0);
        return vector == null ? throw new InvalidOperationException("llama.cpp gave no embedding for a text.") : new ReadOnlySpan<float>(vector, length);
    }

    /// <summary>Tokens of a sequence that are in memory.</summary>
    public int Held(int sequence) => Llama.llama_memory_seq_pos_max(Llama.llama_get_memory(_handle), sequence) + 1;

    /// <summary>Forgets everything after the first tokens. Some models can only forget all; then nothing is kept.</summary>
    /// <returns>How many tokens are kept.</returns>
    public int Keep(int sequence, int count)
    {
        var memory = Llama.llama_get_memory(_handle);
        if (memory == null || Llama.llama_memory_seq_rm(memory, sequence, count, -1) != 0)
            return count;
        Llama.llama_memory_seq_rm(memory, sequence, -1, -1);
        return 0;
    }

    /// <summary>Gives one sequence everything that another has.</summary>
    public void Copy(int source, int target)
    {
        var memory = Llama.llama_get_memory(_handle);
        Llama.llama_memory_seq_rm(memory, target, -1, -1);
        Llama.llama_memory_seq_cp(memory, source, target, -1, -1);
    }

    /// <summary>A copy of all that is known of a sequence; null if the model cannot give it, or there is no memory for it.</summary>
    public SequenceState? Save(int sequence)
    {
        var size = Llama.llama_state_seq_get_size(_handle, sequence);
        if (size == 0 || SequenceState.TryAllocate(size) is not { } state)
            return null;
        if (Llama.llama_state_seq_get_data(_handle, state.Bytes, size, sequence) == size)
            return state;
        state.Dispose();
        return null;
    }

    /// <summary>Puts a copy in the place of all that is known of a sequence. False if it cannot be; nothing is known of the sequence then.</summary>
    public bool Restore(int sequence, SequenceState state)
    {
        if (Llama.llama_state_seq_set_data(_handle, state.Bytes, state.Size, sequence) != 0)
            return true;
        Keep(sequence, 0);
        return false;
    }

    public void Dispose()
    {
        if (_handle == null)
            return;
        Llama.llama_free(_handle);
        _handle = null;
        _untouched?.Dispose();
        NativeMemory.Free(_batch.Token);
        NativeMemory.Free(_batch.Position);
        NativeMemory.Free(_batch.SequenceCount);
        NativeMemory.Free(_batch.SequenceIds);
        NativeMemory.Free(_batch.Output);
        NativeMemory.Free(_sequences);
        GC.KeepAlive(_abort);
    }

    private static InferenceContext Make(LoadedModel model, int room, AbortFlag abort, UntouchedMemory? untouched, Func<ContextParams, ContextParams> shape)
    {
        var parameters = shape(Llama.llama_context_default_params());
        parameters.Batch = parameters.MicroBatch = (uint)room;
        parameters.AbortCallback = AbortFlag.Callback;
        parameters.AbortCallbackData = abort.Address;
        untouched?.Watch(ref parameters);
        LlamaLog.TakeErrors();
        var handle = Llama.llama_init_from_model(model.Handle, parameters);
        if (handle != null)
            return new InferenceContext(handle, room, abort, untouched);
        untouched?.Dispose();
        throw new InvalidOperationException($"There is no room for a context of {parameters.Context} tokens: {LlamaLog.TakeErrors().FirstOrDefault() ?? "llama.cpp gave no reason"}");
    }
}
