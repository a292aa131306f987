using System.Collections.Immutable;
using Helix.Core.Fleet;

namespace Helix.Core.Healing;

/// <summary>Symptom → diagnosis → remedy. The first row whose symptom is there counts: what is surer stands higher.</summary>
/// <remarks>The words of engines are from their sources, as the rows say, read in 2026-11.</remarks>
internal static class HealingTable
{
    /// <summary>Somebody outside ended it; nothing that it did.</summary>
    public const string Killed = "killed";

    private const int Kill = 9;
    private const int IllegalInstruction = 4;
    private const int Bus = 7;
    private static readonly int[] s_faults = [6, 8, 11];

    public static ImmutableArray<Row> Rows { get; } =
    [
        new("memory_killed", s => s is { Signal: Kill, MemoryRanOut: true, Unwell: null },
            "memory ran out, and the kernel ended it", Remedy.SmallerPlan),
        // CUDA, HIP: torch's OutOfMemoryError; ggml-cuda, ggml-vulkan, ggml-backend; vLLM's block check; C++, Python, Node, the kernel
        new("memory_refused", s => Any(s, "out of memory", "OutOfMemoryError", "failed to allocate", "ErrorOutOfDeviceMemory", "bad_alloc", "Cannot allocate memory", "MemoryError", "No available memory for the cache blocks", "larger than the available KV cache memory", "unable to allocate"),
            "it was given less memory than it needs", Remedy.SmallerPlan),
        new("port_taken", s => Any(s, "address already in use", "EADDRINUSE", "Only one usage of each socket address", "couldn't bind HTTP server socket", "port is already in use"),
            "somebody else has its port", Remedy.OtherPort),
        new("disk_full", s => s.DiskIsFull || Any(s, "No space left on device", "ENOSPC", "database or disk is full", "Disk quota exceeded"),
            "the disk is full", Remedy.FreeDisk),
        // the built-in engine and llama.cpp (gguf.cpp, llama-model-loader.cpp); safetensors
        new("model_broken", s => (s.IsOurs && s.Code == 4) || s.Signal == Bus || Any(s, "invalid magic", "file is corrupted or incomplete", "data is not within the file bounds", "failed to load model", "error loading model", "SafetensorError", "HeaderTooLarge", "MetadataIncompleteBuffer", "InvalidHeader"),
            "it could not read its model", Remedy.VerifyModel, Hopeless: s => s.IsOurs && s.Code == 4),
        new("arguments", s => s.IsOurs && s.Code == 2,
            "it refused its arguments", Remedy.Rollback, Hopeless: _ => true),
        new("library", s => s.IsOurs && s.Code == 3,
            "it refused the native library", Remedy.Rebuild, Hopeless: _ => true),
        // argparse, clap, llama.cpp's arg.cpp, cobra
        new("flags", s => Any(s, "unrecognized arguments", "unexpected argument '", "error: invalid argument:", "unknown flag: ", "unknown argument: ", "error: argument --"),
            "this release does not know the settings that it is started with", Remedy.Rollback),
        new("instruction", s => s.Signal == IllegalInstruction,
            "this release is built for another processor", Remedy.Rollback),
        // ld.so, Python, Node
        new("parts_missing", s => s.Code is 126 or 127 || Any(s, "error while loading shared libraries", "cannot open shared object file", "ModuleNotFoundError", "ImportError: ", "Cannot find module", "No such file or directory: '", "bad interpreter", "' not found (required by"),
            "parts of its release are missing", Remedy.Rebuild),
        new("gpu_lost", s => Any(s, "no CUDA-capable device", "CUDA error", "device lost", "ErrorDeviceLost", "NVML: Driver/library version mismatch", "GPU has fallen off the bus"),
            "the graphics card does not answer", Remedy.Restart),
        new("wedged", s => s.Unwell == HealthStep.Token,
            "it answers, and produces no token", Remedy.Restart),
        new("silent", s => s.Unwell is HealthStep.Listen or HealthStep.Endpoint,
            "it lives, and does not answer", Remedy.Restart),
        new("other_model", s => s.Unwell == HealthStep.Identity,
            "it serves another model than it was started with", Remedy.Restart),
        new(Killed, s => s.Signal == Kill,
            "somebody killed it", Remedy.Restart),
        new("crashed", s => s.Signal is { } signal && s_faults.Contains(signal),
            "it crashed", Remedy.Restart),
        new("ended", s => s.Code is not null || s.Signal is not null,
            "it ended by itself", Remedy.Restart),
        new("unseen", _ => true,
            "it ended while nobody watched", Remedy.Restart),
    ];

    public static Diagnosis Of(Symptom symptom) => Rows.First(row => row.IsThere(symptom)).Diagnose(symptom);

    /// <summary>What is done about it, for a person; null where it is just started again.</summary>
    public static string? WordsOf(Remedy remedy) => remedy switch
    {
        Remedy.SmallerPlan => "it is started smaller",
        Remedy.OtherPort => "it is started on another port",
        Remedy.VerifyModel => "its model is compared with its digest",
        Remedy.FreeDisk => "helix makes room",
        Remedy.Rebuild => "its release is installed again",
        Remedy.Rollback => "the release before takes its place, where there is one",
        _ => null,
    };

    private static bool Any(Symptom symptom, params ReadOnlySpan<string> words)
    {
        foreach (var word in words)
            if (symptom.Says(word)) return true;
        return false;
    }

    internal sealed record Row(string Code, Func<Symptom, bool> IsThere, string Words, Remedy Remedy, Func<Symptom, bool>? Hopeless = null)
    {
        public Diagnosis Diagnose(Symptom symptom) => new(Code, Words, Remedy, Hopeless?.Invoke(symptom) ?? false);
    }
}
