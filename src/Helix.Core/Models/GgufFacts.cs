namespace Helix.Core.Models;

/// <summary>What a GGUF header says of its model, checked.</summary>
/// <param name="Parameters">Summed from the shapes of the tensors; of a model in several files, of those read.</param>
/// <param name="Quantization">As the file names it, else the type of tensor that holds most bytes.</param>
/// <param name="ContextTokens">What the model was trained for.</param>
/// <param name="KeyValueHeads">The largest of its layers.</param>
/// <param name="KvBytesPerToken">Memory for one token of context at 16 bit; an upper bound for models that let some layers look back only so far.</param>
/// <param name="ChatTemplate">The template's text; null where the file has none.</param>
/// <param name="Parts">Files of which the model consists.</param>
internal sealed record GgufFacts(
    string Architecture,
    string? Name,
    long Parameters,
    string Quantization,
    int ContextTokens,
    int EmbeddingLength,
    int Blocks,
    int Heads,
    int KeyValueHeads,
    int Experts,
    long KvBytesPerToken,
    int VocabularySize,
    string Tokenizer,
    string? ChatTemplate,
    GgufRole Role,
    string? License,
    int Parts);

/// <summary>What a model is made for, as far as its header tells.</summary>
internal enum GgufRole
{
    /// <summary>Continues text; chats if it has a template.</summary>
    Generation,
    Embedding,
    Reranking,
}
