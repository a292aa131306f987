using System.Runtime.InteropServices;
using Helix.Engine.Native;

namespace Helix.Engine;

/// <summary>A device beside the processor on which llama.cpp can compute.</summary>
/// <param name="Name">llama.cpp's, for example <c>Vulkan0</c>.</param>
/// <param name="Integrated">It has no memory of its own.</param>
/// <param name="FreeBytes">0 where the device does not say.</param>
internal sealed record ComputeDevice(string Name, string Description, bool Integrated, long FreeBytes, long TotalBytes)
{
    private const int Gpu = 1;
    private const int IntegratedGpu = 2;

    /// <summary>The devices that llama.cpp puts layers on: all cards, or an integrated one where there is no card. Call after <see cref="LlamaLibrary.Load"/>.</summary>
    public static IReadOnlyList<ComputeDevice> Used()
    {
        var all = All();
        return all.Any(device => !device.Integrated) ? [.. all.Where(device => !device.Integrated)] : [.. all.Take(1)];
    }

    private static unsafe List<ComputeDevice> All()
    {
        var devices = new List<ComputeDevice>();
        var count = Llama.ggml_backend_dev_count();
        for (nuint i = 0; i < count; i++)
        {
            var device = Llama.ggml_backend_dev_get(i);
            var type = Llama.ggml_backend_dev_type(device);
            if (type is not (Gpu or IntegratedGpu))
                continue;
            nuint free = 0, total = 0;
            Llama.ggml_backend_dev_memory(device, &free, &total);
            devices.Add(new ComputeDevice(Text(Llama.ggml_backend_dev_name(device)), Text(Llama.ggml_backend_dev_description(device)), type == IntegratedGpu, (long)free, (long)total));
        }

        return devices;
    }

    private static unsafe string Text(byte* text) => Marshal.PtrToStringUTF8((nint)text) ?? "";
}
