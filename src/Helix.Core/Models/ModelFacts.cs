namespace Helix.Core.Models;

/// <summary>What a model's own files say of it, checked: a GGUF header, or a folder's configuration and the headers of its weights.</summary>
/// <param name="Parameters">Summed from the shapes of the tensors; of a model in several files, of those read.</param>
/// <param name="Quantization">As the files name it, else the type of tensor that holds most bytes.</param>
/// <param name="ContextTokens">What the model was trained for; 0 where a folder does not say.</param>
/// <param name="KeyValueHeads">The largest of its layers.</param>
/// <param name="KvBytesPerToken">Memory for one token of context at 16 bit; an upper bound for models that let some layers look back only so far.</param>
/// <param name="Tokenizer">The kind that a GGUF file names, or the tokenizer's file in a folder.</param>
/// <param name="ChatTemplate">The template's text; null where there is none.</param>
/// <param name="Parts">Files of which the weights consist.</param>
internal sealed record ModelFacts(
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
    ModelRole Role,
    string? License,
    int Parts);

/// <summary>What a model is made for, as far as its files tell.</summary>
internal enum ModelRole
{
    /// <summary>Continues text; chats if it has a template.</summary>
    Generation,
    Embedding,
    Reranking,

    /// <summary>Something that no request for text can use: speech, pictures.</summary>
    Other,
}
