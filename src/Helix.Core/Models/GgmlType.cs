namespace Helix.Core.Models;

/// <summary>How a type of tensor lies in the file: <paramref name="Block"/> elements in <paramref name="Bytes"/> bytes.</summary>
/// <remarks>Source: ggml's table of type traits at llama.cpp v0.4.0; a test compares it with the library itself.</remarks>
internal readonly record struct GgmlType(string Name, int Block, int Bytes)
{
    private static readonly GgmlType s_gone = new("removed", 0, 0);

    private static readonly GgmlType[] s_types =
    [
        new("F32", 1, 4), new("F16", 1, 2), new("Q4_0", 32, 18), new("Q4_1", 32, 20), s_gone, s_gone, new("Q5_0", 32, 22), new("Q5_1", 32, 24),
        new("Q8_0", 32, 34), new("Q8_1", 32, 36), new("Q2_K", 256, 84), new("Q3_K", 256, 110), new("Q4_K", 256, 144), new("Q5_K", 256, 176),
        new("Q6_K", 256, 210), new("Q8_K", 256, 292), new("IQ2_XXS", 256, 66), new("IQ2_XS", 256, 74), new("IQ3_XXS", 256, 98), new("IQ1_S", 256, 50),
        new("IQ4_NL", 32, 18), new("IQ3_S", 256, 110), new("IQ2_S", 256, 82), new("IQ4_XS", 256, 136), new("I8", 1, 1), new("I16", 1, 2),
        new("I32", 1, 4), new("I64", 1, 8), new("F64", 1, 8), new("IQ1_M", 256, 56), new("BF16", 1, 2), s_gone, s_gone, s_gone, new("TQ1_0", 256, 54),
        new("TQ2_0", 256, 66), s_gone, s_gone, s_gone, new("MXFP4", 32, 17), new("NVFP4", 64, 36), new("Q1_0", 128, 18), new("Q2_0", 64, 18),
    ];

    /// <summary>Names of <c>general.file_type</c>: llama.cpp's <c>llama_ftype</c>.</summary>
    private static readonly string?[] s_fileTypes =
    [
        "F32", "F16", "Q4_0", "Q4_1", null, null, null, "Q8_0", "Q5_0", "Q5_1", "Q2_K", "Q3_K_S", "Q3_K_M", "Q3_K_L", "Q4_K_S", "Q4_K_M", "Q5_K_S",
        "Q5_K_M", "Q6_K", "IQ2_XXS", "IQ2_XS", "Q2_K_S", "IQ3_XS", "IQ3_XXS", "IQ1_S", "IQ4_NL", "IQ3_S", "IQ3_M", "IQ2_S", "IQ2_M", "IQ4_XS", "IQ1_M",
        "BF16", null, null, null, "TQ1_0", "TQ2_0", "MXFP4", "NVFP4", "Q1_0", "Q2_0",
    ];

    public static int Count => s_types.Length;

    /// <summary>Null for a number that means nothing, or no longer.</summary>
    public static GgmlType? From(uint number) => number < s_types.Length && s_types[number].Block > 0 ? s_types[number] : null;

    public static string? FileTypeName(ulong number) => number < (ulong)s_fileTypes.Length ? s_fileTypes[number] : null;
}
