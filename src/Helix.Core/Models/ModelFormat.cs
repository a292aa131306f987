namespace Helix.Core.Models;

/// <summary>How a model lies on the disk. An engine can be given only the formats that it reads.</summary>
internal enum ModelFormat
{
    /// <summary>One file, or several with numbers: llama.cpp and what is made of it.</summary>
    Gguf,

    /// <summary>A folder as transformers writes it: vLLM, mistral.rs, FastChat …</summary>
    Safetensors,

    /// <summary>Such a folder with weights that only ExLlamaV3 reads.</summary>
    Exl3,

    /// <summary>Such a folder with weights as MLX writes them.</summary>
    Mlx,
}

/// <summary>The words for the formats, as files and listings write them.</summary>
internal static class ModelFormats
{
    public static string Word(this ModelFormat format) => format switch
    {
        ModelFormat.Gguf => "gguf",
        ModelFormat.Safetensors => "safetensors",
        ModelFormat.Exl3 => "exl3",
        _ => "mlx",
    };

    /// <summary>Null for a word that names none.</summary>
    public static ModelFormat? Parse(string word) => word switch
    {
        "gguf" => ModelFormat.Gguf,
        "safetensors" => ModelFormat.Safetensors,
        "exl3" => ModelFormat.Exl3,
        "mlx" => ModelFormat.Mlx,
        _ => null,
    };
}
