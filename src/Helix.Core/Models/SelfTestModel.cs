namespace Helix.Core.Models;

/// <summary>The model that helix writes itself, so that a machine without any model still gives a true answer from a real engine.</summary>
internal static class SelfTestModel
{
    public const string Id = "helix-selftest";

    public const string Text =
        "Hello! This is the built-in self-test of HelixCode, not a language model: every question gets this same answer. "
        + "It was computed token by token by the built-in engine, so your private AI server works. "
        + "To talk to a real model, run `helix models pull hf:owner/repo/file.gguf`, "
        + "or `helix models add PATH` for a file you already have, or just drop a GGUF file into the models folder.";

    /// <summary>The GGUF file, byte for byte the same every time.</summary>
    public static byte[] Make() => ScriptedGguf.Make(Text, Id);
}
