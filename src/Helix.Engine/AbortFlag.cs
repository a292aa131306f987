using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Helix.Engine;

/// <summary>Raised from any thread to end the computation that runs now; llama.cpp looks at it between operations.</summary>
internal sealed unsafe class AbortFlag
{
    private readonly int[] _cell = GC.AllocateArray<int>(1, pinned: true);

    /// <summary>For llama.cpp; valid as long as this object is kept.</summary>
    internal void* Address => Unsafe.AsPointer(ref _cell[0]);

    internal static delegate* unmanaged[Cdecl]<void*, byte> Callback => &IsRaised;

    public void Raise() => Volatile.Write(ref _cell[0], 1);

    /// <summary>Forgets an earlier <see cref="Raise"/>; look for reasons to raise it after this.</summary>
    public void Clear() => Volatile.Write(ref _cell[0], 0);

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static byte IsRaised(void* flag) => (byte)Volatile.Read(ref *(int*)flag);
}
