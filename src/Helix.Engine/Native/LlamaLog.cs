using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Helix.Engine.Native;

/// <summary>Keeps what llama.cpp complains about, so that a refusal can say why.</summary>
internal static unsafe class LlamaLog
{
    private const int Error = 4;
    private const int Kept = 16;

    // protects s_errors: native threads write, the one who reports reads
    private static readonly Lock s_lock = new();
    private static readonly Queue<string> s_errors = new();

    /// <summary>The last error line, or empty.</summary>
    public static string LastError
    {
        get
        {
            lock (s_lock)
                return s_errors.LastOrDefault() ?? "";
        }
    }

    public static void Capture() => Llama.llama_log_set(&Write, null);

    /// <summary>Takes all error lines since the last call, oldest first.</summary>
    public static string[] TakeErrors()
    {
        lock (s_lock)
        {
            var errors = s_errors.ToArray();
            s_errors.Clear();
            return errors;
        }
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static void Write(int level, byte* text, void* data)
    {
        if (level != Error)
            return;
        var line = Marshal.PtrToStringUTF8((nint)text)?.TrimEnd() ?? "";
        lock (s_lock)
        {
            s_errors.Enqueue(line);
            if (s_errors.Count > Kept)
                s_errors.Dequeue();
        }
    }
}
