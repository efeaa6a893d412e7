namespace Gtc.Wasm.Reference;

/// <summary>A function of a module.</summary>
internal sealed class GuestFunction(ReferenceInstance instance, int index) : ReferenceFunction(instance.Module.TypeOf(index))
{
    private Step[]? _steps;

    public ReferenceInstance Instance { get; } = instance;

    public FunctionBody Body { get; } = instance.Module.Code[index - instance.Module.ImportedFunctions];

    public Step[] Steps => _steps ??= Step.Read(Instance.Module.Read(Body));

    public override Value[] Invoke(Value[] arguments) => Interpreter.Call(this, arguments, Instance.Steps);
}
