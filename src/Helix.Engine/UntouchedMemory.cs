using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Helix.Engine.Native;

namespace Helix.Engine;

/// <summary>
/// Gives the memory of a context back to the system until it is needed. llama.cpp fills it with zeros when it makes a context, which takes all of it at once. The
/// system gives zeros for a page that it took back, so nobody can tell the difference but by the room. llama.cpp tells nobody where that memory is, except whoever
/// watches a step: what the step writes to is shown before the step computes. Only the first step is watched; later ones would lose what was written.
/// </summary>
internal sealed unsafe partial class UntouchedMemory : IDisposable
{
    private const int MostBuffers = 8;
    private const int DontNeed = 4;
    private const int NoHugePage = 15;

    private State* _state = (State*)NativeMemory.AllocZeroed((nuint)sizeof(State));

    /// <summary>After the first step: all that is not written yet takes no room.</summary>
    public bool GivenBack => _state != null && _state->Closed != 0 && _state->Failed == 0 && _state->Count > 0;

    /// <summary>Only where that memory is the machine's own, and of a model whose memory is written from the beginning on.</summary>
    public static bool IsFor(LoadedModel model) => OperatingSystem.IsLinux() && model.InHostMemory && model.Facts.ForgetsPart;

    public void Watch(ref ContextParams parameters)
    {
        delegate* unmanaged[Cdecl]<TensorHead*, byte, void*, byte> look = &Look;
        parameters.EvalCallback = (void*)look;
        parameters.EvalCallbackData = _state;
    }

    /// <summary>A step was computed; from here on nothing is given back.</summary>
    public void Close() => _state->Closed = 1;

    /// <summary>Only after the context was freed.</summary>
    public void Dispose()
    {
        NativeMemory.Free(_state);
        _state = null;
    }

    /// <summary>Called for each part of a step; 0 says that it need not be stopped for.</summary>
    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static byte Look(TensorHead* tensor, byte asks, void* data)
    {
        var state = (State*)data;
        if (state->Closed == 0 && asks != 0 && tensor->Buffer != null && MemoryMarshal.CreateReadOnlySpanFromNullTerminated(Llama.ggml_get_name(tensor)).StartsWith("cache_"u8))
            GiveBack(state, tensor->Buffer);
        return 0;
    }

    private static void GiveBack(State* state, void* buffer)
    {
        for (var i = 0; i < state->Count; i++)
        {
            if (state->Buffers[i] == (ulong)buffer)
                return;
        }

        if (state->Count == MostBuffers)
        {
            state->Failed = 1;
            return;
        }

        state->Buffers[state->Count++] = (ulong)buffer;
        var page = (nuint)Environment.SystemPageSize;
        var start = (nuint)Llama.ggml_backend_buffer_get_base(buffer);
        var end = (start + Llama.ggml_backend_buffer_get_size(buffer)) / page * page;
        start = (start + page - 1) / page * page;

        if (Llama.ggml_backend_buffer_is_host(buffer) == 0 || end <= start)
        {
            state->Failed = 1;
            return;
        }

        // a huge page would take the room of many tokens for the first of them; a system without any refuses, which is as good
        _ = madvise((void*)start, end - start, NoHugePage);
        if (madvise((void*)start, end - start, DontNeed) != 0)
            state->Failed = 1;
    }

    [LibraryImport("libc")]
    private static partial int madvise(void* address, nuint length, int advice);

    internal struct State
    {
        public int Closed;
        public int Failed;
        public int Count;
        public fixed ulong Buffers[MostBuffers];
    }
}
