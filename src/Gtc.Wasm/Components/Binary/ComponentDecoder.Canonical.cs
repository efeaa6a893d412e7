using System.Collections.Immutable;

namespace Gtc.Wasm.Components;

/// <content>Canonical functions: lifting, lowering and the handling of resources.</content>
internal sealed partial class ComponentDecoder
{
    private static readonly FunctionType OneInt = new([ValueType.I32], []);
    private static readonly FunctionType IntToInt = new([ValueType.I32], [ValueType.I32]);

    private static readonly FunctionType ReallocType = new(
        [ValueType.I32, ValueType.I32, ValueType.I32, ValueType.I32], [ValueType.I32]);

    private void Canonical(ref ByteReader reader)
    {
        var place = reader.Position;
        switch (reader.Byte())
        {
            case 0 when reader.Byte() == 0:
                Lift(ref reader, place);
                break;
            case 1 when reader.Byte() == 0:
                Lower(ref reader, place);
                break;
            case var operation and >= (byte)ResourceOperation.New and <= (byte)ResourceOperation.Representation:
                ResourceFunction(ref reader, (ResourceOperation)operation, place);
                break;
            case var other:
                throw Invalid(place, $"unknown or unsupported canonical function 0x{other:x2}; those of WASI 0.2 are lift, lower and resource.new, drop and rep");
        }
    }

    private void Lift(ref ByteReader reader, int place)
    {
        var index = reader.U32();
        var core = At(_scope.CoreFunctions, index, place, "core function");
        var options = Options(ref reader, place);
        var type = Typed<WitFunctionType>(ref reader, "a function");
        var flat = type.Flatten(lowered: false);
        CheckSignature(core, new FunctionType(flat.Parameters, flat.Results), "lifted as", type, place);
        var into = type.ParametersSpill || type.Parameters.Any(parameter => parameter.HasPointers);
        var outOf = type.ResultSpills || type.Result is { HasPointers: true };
        CheckOptions(options, memory: into || outOf, realloc: into, place);
        if (options.PostReturn is { } post && !_scope.CoreFunctions[post].Equals(new FunctionType(flat.Results, [])))
        {
            throw Invalid(place, $"post-return takes what the function gives, {new FunctionType(flat.Results, [])}, not {_scope.CoreFunctions[post]}");
        }

        _scope.Functions.Add(type);
        _scope.Definitions.Add(new Definition.Lift((int)index, options, type));
    }

    private void Lower(ref ByteReader reader, int place)
    {
        var index = reader.U32();
        var type = At(_scope.Functions, index, place, "function");
        var options = Options(ref reader, place);
        var outOf = type.ParametersSpill || type.Parameters.Any(parameter => parameter.HasPointers);
        var pointers = type.Result is { HasPointers: true };
        CheckOptions(options, memory: outOf || pointers || type.ResultSpills, realloc: pointers, place);
        if (options.PostReturn is not null)
        {
            throw Invalid(place, "post-return belongs to lifting, not to lowering");
        }

        var flat = type.Flatten(lowered: true);
        _scope.CoreFunctions.Add(new FunctionType(flat.Parameters, flat.Results));
        _scope.Definitions.Add(new Definition.Lower((int)index, options, type));
    }

    private void ResourceFunction(ref ByteReader reader, ResourceOperation operation, int place)
    {
        var resource = Typed<ResourceKey>(ref reader, "a resource");
        if (operation != ResourceOperation.Drop && !_scope.OwnResources.Contains(resource))
        {
            throw Invalid(place, $"resource.new and resource.rep are for the component that defines {resource.Name}");
        }

        _scope.CoreFunctions.Add(operation == ResourceOperation.Drop ? OneInt : IntToInt);
        _scope.Definitions.Add(new Definition.ResourceFunction(operation, resource));
    }

    private static void CheckSignature(FunctionType core, FunctionType wanted, string what, WitFunctionType type, int place)
    {
        if (!core.Equals(wanted))
        {
            throw Invalid(place, $"a core function {what} {type} has the type {wanted}, this one has {core}");
        }
    }

    private static void CheckOptions(CanonicalOptions options, bool memory, bool realloc, int place)
    {
        if (memory && options.Memory is null)
        {
            throw Invalid(place, "the function's values live in memory, and the option memory is missing");
        }

        if (realloc && options.Realloc is null)
        {
            throw Invalid(place, "the function's values need room in memory, and the option realloc is missing");
        }
    }

    private CanonicalOptions Options(ref ByteReader reader, int place)
    {
        var count = reader.Count(16, "options");
        StringEncoding? encoding = null;
        int? memory = null;
        int? realloc = null;
        int? post = null;
        for (var i = 0; i < count; i++)
        {
            switch (reader.Byte())
            {
                case var known and <= 2 when encoding is null:
                    encoding = (StringEncoding)known;
                    break;
                case 3 when memory is null:
                    memory = Index(ref reader, _scope.CoreMemories, place, "core memory");
                    break;
                case 4 when realloc is null:
                    realloc = Index(ref reader, _scope.CoreFunctions, place, "core function");
                    break;
                case 5 when post is null:
                    post = Index(ref reader, _scope.CoreFunctions, place, "core function");
                    break;
                case var other:
                    throw Invalid(place, $"the canonical option 0x{other:x2} is unknown, unsupported or given twice");
            }
        }

        if (realloc is { } function && (memory is null || !_scope.CoreFunctions[function].Equals(ReallocType)))
        {
            throw Invalid(place, $"realloc has the core type {ReallocType} and comes with a memory");
        }

        return new CanonicalOptions(encoding ?? StringEncoding.Utf8, memory, realloc, post);
    }

    private static int Index<T>(ref ByteReader reader, List<T> space, int place, string what)
    {
        var index = reader.U32();
        At(space, index, place, what);
        return (int)index;
    }
}
