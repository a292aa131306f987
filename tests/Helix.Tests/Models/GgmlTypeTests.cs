using System.Runtime.InteropServices;
using Helix.Core.Models;

namespace Helix.Tests.Models;

public sealed unsafe class GgmlTypeTests
{
    [Fact]
    public void The_table_of_types_is_that_of_the_library()
    {
        var path = Path.Combine(AppContext.BaseDirectory, "llama", OperatingSystem.IsMacOS() ? "libggml-base.dylib" : "libggml-base.so");
        Assert.SkipUnless(File.Exists(path), $"llama.cpp's libraries are not installed: {path}");
        var library = NativeLibrary.Load(path);
        var block = (delegate* unmanaged<int, long>)NativeLibrary.GetExport(library, "ggml_blck_size");
        var bytes = (delegate* unmanaged<int, nuint>)NativeLibrary.GetExport(library, "ggml_type_size");
        var name = (delegate* unmanaged<int, nint>)NativeLibrary.GetExport(library, "ggml_type_name");

        for (var i = 0; i < GgmlType.Count; i++)
        {
            if (GgmlType.From((uint)i) is not { } type)
            {
                Assert.Equal(0, block(i));
                continue;
            }

            Assert.Equal((type.Block, type.Bytes), ((int)block(i), (int)bytes(i)));
            Assert.Equal(type.Name, Marshal.PtrToStringUTF8(name(i)), ignoreCase: true);
        }
    }
}
