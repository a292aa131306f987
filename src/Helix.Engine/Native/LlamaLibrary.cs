using System.Reflection;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;

namespace Helix.Engine.Native;

/// <summary>Loads llama.cpp's native libraries from one folder, once a process, and only the release helix was written for.</summary>
internal static unsafe class LlamaLibrary
{
    internal const string Llama = "llama";
    internal const string Ggml = "ggml";
    internal const string GgmlBase = "ggml-base";

    /// <summary>The only release whose structures are known.</summary>
    public const string Release = "v0.4.0";

    private const string Metadata = "_nlcBuildMetadata.json";

    // protects s_folder and s_refusal: the first caller loads, everyone after reads what came of it
    private static readonly Lock s_once = new();
    private static string? s_folder;
    private static string? s_refusal;

    /// <summary>Loads the libraries on the first call. Null if they are ready, else why they are not and what to do.</summary>
    public static string? Load(string folder)
    {
        lock (s_once)
        {
            if (s_folder is not null)
                return s_refusal;
            s_refusal = LoadFirst(Path.GetFullPath(folder));
            return s_refusal;
        }
    }

    /// <summary>Null if the folder holds the libraries of the right release, else what is wrong and what to do.</summary>
    internal static string? Check(string folder)
    {
        if (!OperatingSystem.IsLinux() && !OperatingSystem.IsMacOS())
            return "The built-in engine runs on Linux and macOS; Windows is not supported yet.";
        foreach (var name in (string[])[Llama, Ggml])
        {
            if (Find(folder, name) is null)
                return $"llama.cpp's library lib{name} is not in {folder}. Build helix again (`./helix`), or name the folder with --libraries.";
        }

        return ReadRelease(folder) is var release && release != Release
            ? $"The libraries in {folder} are llama.cpp {release ?? "of an unknown release"}; helix needs {Release}. Build helix again, or name another folder with --libraries."
            : null;
    }

    private static string? LoadFirst(string folder)
    {
        if (Check(folder) is { } refusal)
            return refusal;
        s_folder = folder;
        NativeLibrary.SetDllImportResolver(typeof(LlamaLibrary).Assembly, Resolve);
        try
        {
            LlamaLog.Capture();
            if (LayoutCheck.Compare(Native.Llama.llama_model_default_params(), Native.Llama.llama_context_default_params()) is { } difference)
                return $"The llama.cpp library in {folder} does not match helix: {difference}. Build helix again, or name another folder with --libraries.";
            fixed (byte* path = Utf8(folder))
                Native.Llama.ggml_backend_load_all_from_path(path);
            Native.Llama.llama_backend_init();
            return Native.Llama.ggml_backend_dev_count() == 0
                ? $"No compute library in {folder} runs on this processor. {LlamaLog.LastError}".TrimEnd()
                : null;
        }
        catch (Exception error) when (error is DllNotFoundException or EntryPointNotFoundException or BadImageFormatException)
        {
            return $"The llama.cpp library in {folder} cannot be loaded: {error.Message}";
        }
    }

    /// <summary>Text as C wants it, with its closing zero.</summary>
    internal static byte[] Utf8(string text)
    {
        var bytes = new byte[Encoding.UTF8.GetMaxByteCount(text.Length) + 1];
        Encoding.UTF8.GetBytes(text, bytes);
        return bytes;
    }

    private static nint Resolve(string name, Assembly assembly, DllImportSearchPath? path) =>
        name is Llama or Ggml or GgmlBase && s_folder is { } folder && Find(folder, name) is { } file ? NativeLibrary.Load(file) : 0;

    /// <summary>The file of a library: its plain name, or the name with the release and the kind of device in it that npm's packages use.</summary>
    private static string? Find(string folder, string name)
    {
        var extension = OperatingSystem.IsMacOS() ? "dylib" : "so";
        string[] names = [$"lib{name}.{extension}", $"lib{name}.{Release}.{extension}", $"lib{name}.cuda.{Release}.{extension}", $"lib{name}.vulkan.{Release}.{extension}"];
        return names.Select(file => Path.Combine(folder, file)).FirstOrDefault(File.Exists);
    }

    private static string? ReadRelease(string folder)
    {
        try
        {
            using var metadata = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(folder, Metadata)));
            return metadata.RootElement.GetProperty("buildOptions").GetProperty("llamaCpp").GetProperty("release").GetString();
        }
        catch (Exception error) when (error is IOException or JsonException or KeyNotFoundException or InvalidOperationException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}
