using System.Runtime.InteropServices;

namespace Helix.Processes;

/// <summary>A list of texts as C wants it: UTF-8, each ended by a zero, the list ended by a null.</summary>
internal sealed unsafe class NativeStrings : IDisposable
{
    private readonly byte** _list;
    private readonly int _count;

    public NativeStrings(IReadOnlyCollection<string> texts)
    {
        _count = texts.Count;
        _list = (byte**)NativeMemory.AllocZeroed((nuint)_count + 1, (nuint)sizeof(byte*));
        var next = 0;
        foreach (var text in texts)
            _list[next++] = (byte*)Marshal.StringToCoTaskMemUTF8(text);
    }

    public byte** List => _list;

    public static string[] OfEnvironment(IReadOnlyDictionary<string, string> environment)
    {
        var texts = new string[environment.Count];
        var next = 0;
        foreach (var (name, value) in environment)
            texts[next++] = name + "=" + value;
        return texts;
    }

    public void Dispose()
    {
        for (var i = 0; i < _count; i++)
            Marshal.FreeCoTaskMem((nint)_list[i]);
        NativeMemory.Free(_list);
    }
}
