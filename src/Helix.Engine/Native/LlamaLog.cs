using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text;

namespace Helix.Engine.Native;

/// <summary>Keeps what llama.cpp complains about, so that a refusal can say why.</summary>
internal static unsafe class LlamaLog
{
    private const int Info = 2;
    private const int Error = 4;

    private const int Kept = 16;

    // protects s_errors: native threads write, the one who reports reads
    private static readonly Lock s_lock = new();
    private static readonly Queue<string> s_errors = new();
    private static string? s_placement;

    /// <summary>The last error line, or empty.</summary>
    public static string LastError
    {
        get
        {
            lock (s_lock)
                return s_errors.LastOrDefault() ?? "";
        }
    }

    /// <summary>Where llama.cpp says the layers of the model that was loaded last are, for example "offloaded 25/25 layers to GPU"; null if it said nothing.</summary>
    public static string? Placement
    {
        get
        {
            lock (s_lock)
                return s_placement;
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
        if (level == Info)
            Place(text);
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

    /// <summary>Most lines are of no interest, and a text is only made of the one that is.</summary>
    private static void Place(byte* text)
    {
        var line = MemoryMarshal.CreateReadOnlySpanFromNullTerminated(text);
        var at = line.IndexOf("offloaded "u8);
        if (at < 0 || line.IndexOf("layers"u8) < at)
            return;
        lock (s_lock)
            s_placement = Encoding.UTF8.GetString(line[at..]).TrimEnd();
    }
}
