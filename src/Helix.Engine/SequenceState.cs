using System.Runtime.InteropServices;

namespace Helix.Engine;

/// <summary>
/// What a model knows of one sequence, outside of its memory; some kilobytes for each token. Pages of its own, since an allocator may keep the room of what is freed,
/// and what slots touch later has to find it. Linux only, like <see cref="UntouchedMemory"/>.
/// </summary>
internal sealed unsafe partial class SequenceState : IDisposable
{
    private const int ReadAndWrite = 3;
    private const int PrivateAndAnonymous = 0x22;

    private byte* _bytes;

    private SequenceState(byte* bytes, nuint size)
    {
        _bytes = bytes;
        Size = size;
    }

    public byte* Bytes => _bytes;

    public nuint Size { get; }

    /// <summary>Null if the machine has no memory left.</summary>
    public static SequenceState? TryAllocate(nuint size)
    {
        var bytes = mmap(null, size, ReadAndWrite, PrivateAndAnonymous, -1, 0);
        return (nint)bytes == -1 ? null : new SequenceState((byte*)bytes, size);
    }

    public void Dispose()
    {
        if (_bytes != null)
            _ = munmap(_bytes, Size);
        _bytes = null;
    }

    [LibraryImport("libc")]
    private static partial void* mmap(void* address, nuint length, int protection, int flags, int file, nint offset);

    [LibraryImport("libc")]
    private static partial int munmap(void* address, nuint length);
}
